/** The few line icons of the frame, 16 × 16, drawn for this page. */
const paths = {
  overview: 'M2.5 13.5h11M3.5 11V8M6.5 11V4.5M9.5 11V6.5M12.5 11V2.5',
  databases:
    'M3 4c0-1 2.2-1.7 5-1.7S13 3 13 4s-2.2 1.7-5 1.7S3 5 3 4zM3 4v8c0 1 2.2 1.7 5 1.7s5-.7 5-1.7V4M3 8c0 1 2.2 1.7 5 1.7S13 9 13 8',
  endpoints:
    'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM2 8h12M8 1.8c2 1.9 2.7 4 2.7 6.2S10 12.3 8 14.2C6 12.3 5.3 10.2 5.3 8S6 3.7 8 1.8z',
  system: 'M5 5h6v6H5zM3 3h10v10H3zM6 1v2M10 1v2M6 13v2M10 13v2M1 6h2M1 10h2M13 6h2M13 10h2',
  operations: 'M1.5 8.5h3l2-6 3 11 2-5h3',
  progress: 'M2 5h12v6H2zM2 5v6M4 7v2M6 7v2M8 7v2',
  errors: 'M8 5v4M8 11v.2M5.3 1.7h5.4l3.6 3.6v5.4l-3.6 3.6H5.3l-3.6-3.6V5.3z',
  alerts:
    'M8 1.8c-2.6 0-4 1.9-4 4.4 0 3.3-1.3 4.3-1.3 5.3h10.6c0-1-1.3-2-1.3-5.3 0-2.5-1.4-4.4-4-4.4zM6.5 13.7a1.6 1.6 0 0 0 3 0',
  settings: 'M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 2.8v3.4M5.5 9.8v3.4',
  refresh: 'M13.5 3v3.5H10M13.2 6.3A5.7 5.7 0 1 0 13.7 9',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 9.6A5.9 5.9 0 0 1 6.4 2.5a5.9 5.9 0 1 0 7.1 7.1z',
  screen: 'M2 3h12v8H2zM6 13.5h4M8 11v2.5',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.1M6.6 6.5h.1M9.2 6.5h.1M11.8 6.5h.1M4.5 9.5h7',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  back: 'M10 3.5 5.5 8l4.5 4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  play: 'M5 3l7.5 5L5 13z',
  silence: 'M8 1.8c-2.6 0-4 1.9-4 4.4 0 3.3-1.3 4.3-1.3 5.3h10.6c0-1-1.3-2-1.3-5.3 0-2.5-1.4-4.4-4-4.4zM2 1.5l12 13',
  check: 'M3 8.5l3.3 3.3L13 4.8',
  send: 'M14.5 1.5 7 9M14.5 1.5 10 14.5 7 9 1.5 6z',
  leave: 'M6.5 2.5h-4v11h4M6 8h8M11 5l3 3-3 3',
} as const;

export type IconName = keyof typeof paths;

/** Decorative: the button or link around it has the words. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
