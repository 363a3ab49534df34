/** Rows as lines of aligned columns: texts to the left, numbers to the right. */
export function aligned(rows: readonly (readonly (string | number)[])[]): string {
  const widths: number[] = [];
  const isNumber: boolean[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) {
      widths[i] = Math.max(widths[i] ?? 0, shown(cell).length);
      isNumber[i] ||= typeof cell === 'number';
    }
  }
  const line = (row: readonly (string | number)[]): string =>
    row
      .map((cell, i) =>
        isNumber[i] ? shown(cell).padStart(widths[i] ?? 0) : shown(cell).padEnd(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

function shown(cell: string | number): string {
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : cell;
}
