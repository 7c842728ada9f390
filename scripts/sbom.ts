/**
 * `npm run sbom`: the bill of materials (CycloneDX, JSON) of what the product runs with, on standard output. `npm sbom --omit=dev` leaves
 * out every package that a development dependency names too (npm 11.19: zod, picocolors …), so all is asked for, and what npm itself marks
 * as for development alone is taken out here.
 */
import { execFileSync } from 'node:child_process';

interface Bill {
  components: { 'bom-ref': string; properties?: { name: string; value: string }[] }[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
const bill = JSON.parse(text) as Bill;
const isForDevelopment = ({ properties = [] }: Bill['components'][number]) =>
  properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
const left = new Set(bill.components.filter(isForDevelopment).map(component => component['bom-ref']));
const components = bill.components.filter(component => !left.has(component['bom-ref']));
const dependencies = bill.dependencies
  .filter(({ ref }) => !left.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(each => !left.has(each)) }));
console.log(JSON.stringify({ ...bill, components, dependencies }, null, 2));
