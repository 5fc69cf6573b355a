import { Store } from "@/state/store";

/** The category that the tab shows: a tab's address has no parameters. */
export const shown = new Store<string | null>(null);

export const showCategory = shown.set;
