/** Choosing one SKU of a product by its attributes. */
import type { Sku } from "@/api/types";

export type Choice = Readonly<Record<string, string>>;

export interface Option {
  value: string;
  chosen: boolean;
  /** Whether some SKU in stock has this value together with the other choices. */
  possible: boolean;
}

export interface Dimension {
  name: string;
  options: Option[];
}

function fits(sku: Sku, choice: Choice): boolean {
  return Object.entries(choice).every(([name, value]) => sku.attributes[name] === value);
}

/** The dimensions in the order in which the SKUs name them, each value marked as chosen and as possible. */
export function dimensions(skus: readonly Sku[], choice: Choice): Dimension[] {
  const values = new Map<string, string[]>();
  for (const sku of skus) {
    for (const [name, value] of Object.entries(sku.attributes)) {
      const known = values.get(name) ?? [];
      if (!known.includes(value)) known.push(value);
      values.set(name, known);
    }
  }
  return [...values].map(([name, known]) => ({
    name,
    options: known.map((value) => ({
      value,
      chosen: choice[name] === value,
      possible: skus.some((sku) => sku.stock > 0 && fits(sku, { ...choice, [name]: value })),
    })),
  }));
}

/** Takes a value, or takes it back when it was chosen; other choices that no SKU has together with it are dropped. */
export function choose(skus: readonly Sku[], choice: Choice, name: string, value: string): Choice {
  if (choice[name] === value) {
    return Object.fromEntries(Object.entries(choice).filter(([key]) => key !== name));
  }
  let next: Choice = { [name]: value };
  for (const [key, kept] of Object.entries(choice)) {
    if (key === name) continue;
    const wider = { ...next, [key]: kept };
    if (skus.some((sku) => fits(sku, wider))) next = wider;
  }
  return next;
}

/** The SKU that the choice names, once every dimension is chosen. */
export function chosenSku(skus: readonly Sku[], choice: Choice): Sku | null {
  const open = dimensions(skus, choice).some((dimension) => choice[dimension.name] === undefined);
  return open ? null : (skus.find((sku) => fits(sku, choice)) ?? null);
}

/** What is chosen before anybody chose: the first SKU in stock, else the first. */
export function initialChoice(skus: readonly Sku[]): Choice {
  const first = skus.find((sku) => sku.stock > 0) ?? skus[0];
  return first ? { ...first.attributes } : {};
}

/** `{颜色: 黑, 尺寸: L}` as `黑 / L`. */
export function attributeText(attributes: Readonly<Record<string, string>>): string {
  return Object.values(attributes).join(" / ");
}

/** A quantity within 1 and what there is. */
export function clampQuantity(wanted: number, stock: number, most = 99): number {
  return Math.max(1, Math.min(wanted, stock, most));
}
