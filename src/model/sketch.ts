/** placeholder until the store's owner fills it within minutes */
export interface SketchLike {}
export declare class Sketch {
  static readonly relativeError: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  record(value: number): void;
  merge(other: Sketch): void;
  quantile(q: number): number;
  encode(): Uint8Array;
  static decode(bytes: Uint8Array): Sketch;
  reset(): void;
}
