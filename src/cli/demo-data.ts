/**
 * The people and the content of the demo. Numbers are from +1 AAA 555 01XX, which is set aside for fiction, so that
 * nobody is called even if they left the sandbox.
 */

const AREA_CODES =
  '201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 220 223 224 225 228 229 231 234 239 240 248 251 252 253 254 256 260 262 267 269 270 272 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 325 330 331 334 336 337 339 346 347 351 352 360 361 385 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425 430 432 434 435 440 442'.split(
    ' ',
  );
const NUMBERS_PER_AREA = 100;

/** Advisors in one file: well below the API's limit for a request's body. */
const ADVISORS_PER_FILE = 1500;

/** Of ten advisors, one is PRO and three are FREE. */
const TIERS = ['PRO', ...Array<string>(6).fill('STANDARD'), ...Array<string>(3).fill('FREE')];

/** The content's own id. */
export const CONTENT_ID = 'demo-market-note';

/** One content, as a CSV file. */
export function contentCsv(): string {
  const components = [{ type: 'body', parameters: [{ type: 'text', text: '{{name}}' }] }];
  const cells = [CONTENT_ID, 'daily_market_note', 'en', JSON.stringify(components), 'Good morning {{name}}'];
  return `externalId,template,language,components,text\n${cells.map(quoted).join(',')}\n`;
}

/** So many advisors, as CSV files. Beyond 10,000 the numbers come again, each for several advisors. */
export function advisorCsvs(count: number): string[] {
  const lines = Array.from({ length: count }, (_, index) => advisorLine(index));
  const files: string[] = [];
  for (let from = 0; from < count; from += ADVISORS_PER_FILE) {
    files.push(`externalId,name,phone,tier\n${lines.slice(from, from + ADVISORS_PER_FILE).join('\n')}\n`);
  }
  return files;
}

function advisorLine(index: number): string {
  const area = AREA_CODES[Math.floor(index / NUMBERS_PER_AREA) % AREA_CODES.length] ?? '202';
  const last = String(index % NUMBERS_PER_AREA).padStart(2, '0');
  const number = String(index + 1).padStart(5, '0');
  return `demo-${number},Advisor ${number},+1${area}55501${last},${TIERS[index % TIERS.length] ?? 'STANDARD'}`;
}

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}
