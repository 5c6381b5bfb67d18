import { glyphs } from './glyphs.ts';
import type { Picture } from './png.ts';

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** A white sheet to draw on. Coordinates are points from the top left corner; what lies outside is cut off. */
export interface Canvas extends Picture {
  /** A line with smooth edges. */
  line(x1: number, y1: number, x2: number, y2: number, thickness: number, colour: Colour): void;
  /** A rectangle, `opacity` 0 to 1. */
  fill(x: number, y: number, width: number, height: number, colour: Colour, opacity: number): void;
  /** One line of text with its top left corner there; characters without a glyph are left out. */
  write(x: number, y: number, text: string, size: number, colour: Colour): void;
}

/** Columns and rows of a glyph, and the columns to the next one. */
const glyph = { width: 5, height: 7, advance: 6 };

/** How wide a text will be. */
export function widthOf(text: string, size: number): number {
  return [...text].filter((character) => glyphs[character]).length * glyph.advance * size;
}

/** Makes an empty sheet. */
export function createCanvas(width: number, height: number): Canvas {
  const rgb = new Uint8Array(width * height * 3).fill(255);
  const blend = (x: number, y: number, colour: Colour, opacity: number): void => {
    if (x < 0 || y < 0 || x >= width || y >= height || opacity <= 0) return;
    const at = (y * width + x) * 3;
    for (let i = 0; i < 3; i++) rgb[at + i] = Math.round(rgb[at + i]! * (1 - opacity) + colour[i]! * opacity);
  };
  const fill: Canvas['fill'] = (x, y, w, h, colour, opacity) => {
    for (let row = Math.round(y); row < Math.round(y + h); row++) {
      for (let column = Math.round(x); column < Math.round(x + w); column++) blend(column, row, colour, opacity);
    }
  };
  return {
    width,
    height,
    rgb,
    fill,
    line(x1, y1, x2, y2, thickness, colour) {
      const reach = thickness / 2 + 1;
      const [left, right] = [Math.min(x1, x2) - reach, Math.max(x1, x2) + reach];
      const [top, bottom] = [Math.min(y1, y2) - reach, Math.max(y1, y2) + reach];
      for (let y = Math.floor(top); y <= bottom; y++) {
        for (let x = Math.floor(left); x <= right; x++) {
          const distance = distanceTo(x, y, x1, y1, x2, y2);
          blend(x, y, colour, Math.min(1, Math.max(0, thickness / 2 + 0.5 - distance)));
        }
      }
    },
    write(x, y, text, size, colour) {
      let left = x;
      for (const character of text) {
        const rows = glyphs[character];
        if (!rows) continue;
        for (const [row, bits] of rows.entries()) {
          for (let column = 0; column < glyph.width; column++) {
            if (bits & (1 << (glyph.width - 1 - column)))
              fill(left + column * size, y + row * size, size, size, colour, 1);
          }
        }
        left += glyph.advance * size;
      }
    },
  };
}

/** Distance of a point from a piece of a line. */
function distanceTo(x: number, y: number, x1: number, y1: number, x2: number, y2: number): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
}
