import type { StatementDelta } from '../../model/pool.ts';
import { Sketch } from '../../model/sketch.ts';
import {
  otherStatement,
  type StatementLanguage,
  type StatementShape,
  trustedShape,
} from '../../model/statement-shape.ts';

/** Shapes kept of one pool; what comes after them is `other`. */
const mostShapes = 200;
/** Texts whose shape is remembered, and the longest of them. */
const mostTexts = 1000;
const longestText = 2000;

/** What statements of one shape did since the previous batch. */
export class StatementSlot {
  readonly shape: StatementShape;
  readonly sketch = new Sketch();
  /** What its spans say; one object for all of them. */
  readonly attributes: Record<string, string>;
  errors = 0;
  rows = 0;

  constructor(shape: StatementShape, attributes: Record<string, string>) {
    this.shape = shape;
    this.attributes = attributes;
  }
}

/** Finds the slot of a statement. Texts without values come again and again: they are read once. */
export class Statements {
  readonly #language: StatementLanguage;
  readonly #pool: string;
  readonly #slots = new Map<string, StatementSlot>();
  #texts = new Map<string, StatementSlot>();
  #older = new Map<string, StatementSlot>();
  /** Statements that went into `other`, since the previous batch. */
  #folded = 0;

  constructor(language: StatementLanguage, pool: string) {
    this.#language = language;
    this.#pool = pool;
  }

  /** The slot of a statement's text: SQL as the app wrote it, otherwise its shape. */
  slot(text: string): StatementSlot {
    const known = this.#texts.get(text) ?? this.#older.get(text);
    if (known) {
      if (known.shape === otherStatement) this.#folded += 1;
      return known;
    }
    const slot = this.#slotOf(trustedShape(text, this.#language));
    if (text.length <= longestText) {
      // Two generations: what was not asked for while a thousand others came is forgotten.
      if (this.#texts.size >= mostTexts) {
        this.#older = this.#texts;
        this.#texts = new Map();
      }
      this.#texts.set(text, slot);
    }
    return slot;
  }

  /** What happened since the last time, and forgets it. */
  take(): { statements: StatementDelta[]; folded: number } {
    const statements: StatementDelta[] = [];
    for (const { shape, sketch, errors, rows } of this.#slots.values())
      if (sketch.count > 0) statements.push({ ...shape, errors, rows, durations: sketch.encode() });
    for (const slot of this.#slots.values()) {
      slot.sketch.reset();
      slot.errors = 0;
      slot.rows = 0;
    }
    const folded = this.#folded;
    this.#folded = 0;
    return { statements, folded };
  }

  #slotOf(shape: StatementShape): StatementSlot {
    const known = this.#slots.get(shape.id);
    if (known) return known;
    if (this.#slots.size >= mostShapes && shape !== otherStatement) {
      this.#folded += 1;
      return this.#slotOf(otherStatement);
    }
    const slot = new StatementSlot(shape, {
      'db.system.name': systems[this.#language],
      'db.query.summary': shape.summary,
      'db.query.text': shape.text,
      'db.client.connection.pool.name': this.#pool,
    });
    this.#slots.set(shape.id, slot);
    return slot;
  }
}

const systems: Readonly<Record<StatementLanguage, string>> = {
  sql: 'postgresql',
  mysql: 'mysql',
  redis: 'redis',
  mongodb: 'mongodb',
};
