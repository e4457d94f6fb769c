/** Whether `name` is that of a CSV file, of whatever day: `FILE_YYMMDD.csv`. */
export function isCsvFileName(file: string, name: string): boolean {
  return name.startsWith(`${file}_`) && /^\d{6}\.csv$/.test(name.slice(file.length + 1));
}
