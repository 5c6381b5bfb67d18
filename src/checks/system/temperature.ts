import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcFile, procFile } from './proc-file.ts';

/** One sensor of the machine. */
export interface Temperature {
  /** The kernel's name for it, e.g. `x86_pkg_temp`, `coretemp`. */
  readonly sensor: string;
  readonly celsius: number;
}

export interface TemperatureReader {
  /** Empty where the machine has no sensors, as most virtual machines. */
  read(): readonly Temperature[];
  close(): void;
}

/** A machine can have a sensor for each core and disk; the first ones say whether it is too hot. */
const mostSensors = 8;
/** Sensors that are not connected say things like -273 or 6553. */
const believable = (celsius: number) => celsius > -40 && celsius < 150;

/**
 * Finds the sensors once, and reads them in thousandths of a degree: the thermal zones, or where there are none the chips of hwmon
 * (Documentation/driver-api/thermal/sysfs-api.rst, Documentation/hwmon/sysfs-interface.rst of the Linux kernel).
 * @default root '/sys/class'
 */
export function temperatureReader(root = '/sys/class'): TemperatureReader {
  const zones = sensorsIn(join(root, 'thermal'), /^thermal_zone\d+$/, /^temp$/, 'type');
  const found = zones.length > 0 ? zones : sensorsIn(join(root, 'hwmon'), /^hwmon\d+$/, /^temp\d+_input$/, 'name');
  const sensors = found.slice(0, mostSensors);
  return {
    read: () =>
      sensors.flatMap(({ sensor, file }) => {
        const celsius = Number.parseInt(file.read() ?? '', 10) / 1000;
        return believable(celsius) ? [{ sensor, celsius }] : [];
      }),
    close() {
      for (const { file } of sensors) file.close();
    },
  };
}

/** The files in the folders, with the name that the folder gives itself; a second one of the same name gets a number. */
function sensorsIn(
  root: string,
  folders: RegExp,
  files: RegExp,
  nameFile: string,
): { sensor: string; file: ProcFile }[] {
  const seen = new Map<string, number>();
  return list(root, folders).flatMap((folder) => {
    const name = firstLine(join(root, folder, nameFile)) || folder;
    return list(join(root, folder), files).map((file) => {
      const nth = (seen.get(name) ?? 0) + 1;
      seen.set(name, nth);
      return { sensor: nth === 1 ? name : `${name} ${nth}`, file: procFile(join(root, folder, file)) };
    });
  });
}

function list(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort();
  } catch {
    return [];
  }
}

function firstLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
