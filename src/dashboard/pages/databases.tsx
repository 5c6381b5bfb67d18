export function Databases() { return null; }
