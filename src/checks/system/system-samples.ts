import type { Labels, Sample } from '../../model/sample.ts';
import type { SystemReading } from './reader.ts';

/** More cores than this are shown as their sum only: a machine with 128 of them must not fill the store. */
const mostCores = 16;

/** The reading as series. */
export function systemSamples(reading: SystemReading, at: number): Sample[] {
  const samples: Sample[] = [];
  const add = (name: string, value: number | undefined, labels: Labels = {}) => {
    if (value !== undefined && Number.isFinite(value)) samples.push({ name, labels, at, value });
  };
  const { cpu, memory, diskTraffic, network, load } = reading;
  add('system_cpu_usage_ratio', cpu?.usedRatio);
  add('system_cpu_steal_ratio', cpu?.stealRatio);
  add('system_cpu_wait_ratio', cpu?.waitRatio);
  if (cpu && cpu.cores.length <= mostCores) {
    for (const [core, ratio] of cpu.cores.entries()) add('system_cpu_core_usage_ratio', ratio, { core: String(core) });
  }
  add('system_memory_usage_ratio', memory?.usedRatio);
  add('system_memory_total_bytes', memory?.totalBytes);
  add('system_memory_available_bytes', memory?.availableBytes);
  add('system_swap_usage_ratio', memory?.swapUsedRatio);
  for (const disk of reading.disks) {
    if ('problem' in disk) continue;
    const labels = { path: disk.path };
    add('system_disk_usage_ratio', disk.usedRatio, labels);
    add('system_disk_free_bytes', disk.freeBytes, labels);
    add('system_disk_total_bytes', disk.totalBytes, labels);
    add('system_disk_inodes_usage_ratio', disk.inodesUsedRatio, labels);
  }
  add('system_disk_read_bytes_per_second', diskTraffic?.inBytesPerSecond);
  add('system_disk_write_bytes_per_second', diskTraffic?.outBytesPerSecond);
  add('system_disk_busy_ratio', diskTraffic?.busyRatio);
  add('system_network_receive_bytes_per_second', network?.inBytesPerSecond);
  add('system_network_transmit_bytes_per_second', network?.outBytesPerSecond);
  add('system_network_errors_per_second', network?.errorsPerSecond);
  for (const { sensor, celsius } of reading.temperatures ?? []) add('system_temperature_celsius', celsius, { sensor });
  add('system_load1', load?.[0]);
  add('system_load5', load?.[1]);
  add('system_load15', load?.[2]);
  return samples;
}
