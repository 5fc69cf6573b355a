import { Input, Text, View } from "@tarojs/components";
import { useRouter } from "@tarojs/taro";
import { useEffect, useState } from "react";

import { catalog, type Filters, type Sort } from "@/api/catalog";
import { Button } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { Page } from "@/components/Page";
import { Sheet } from "@/components/Sheet";
import { Empty, Failed, ListEnd, Skeleton } from "@/components/Status";
import { Waterfall } from "@/components/Waterfall";
import { back } from "@/hooks/routes";
import { say } from "@/hooks/useAct";
import { usePages } from "@/hooks/usePages";
import { useRequest } from "@/hooks/useRequest";
import { remembered } from "@/logic/history";
import { parseYuan, shortYuan } from "@/logic/money";
import { keep, kept } from "@/state/storage";

import "./index.scss";

const HOT = ["手机壳", "帆布包", "保温杯", "香薰", "笔记本", "短袖"];
const SUGGEST_AFTER_MS = 200;

export default function SearchPage() {
  const asked = decodeURIComponent(useRouter().params.q ?? "");
  const [text, setText] = useState(asked);
  const [words, setWords] = useState(asked);
  const [history, setHistory] = useState<string[]>(() => kept<string[]>("searches") ?? []);
  const [typing, setTyping] = useState(false);

  const remember = (next: string[]) => {
    setHistory(next);
    keep("searches", next);
  };
  const search = (what: string) => {
    const trimmed = what.trim();
    if (!trimmed) return;
    setText(trimmed);
    setWords(trimmed);
    setTyping(false);
    remember(remembered(history, trimmed));
  };

  return (
    <Page title="搜索" bare>
      <View className="search-top">
        <View className="search-back" onClick={back}>
          <Icon name="back" size={22} />
        </View>
        <View className="search-box">
          <Icon name="search" size={16} />
          <Input
            className="search-input"
            value={text}
            focus={!asked}
            placeholder="搜索商品"
            placeholderClass="placeholder"
            confirmType="search"
            maxlength={40}
            onInput={(event) => {
              setText(event.detail.value);
              setTyping(true);
            }}
            onConfirm={(event) => search(event.detail.value)}
          />
          {text && (
            <View
              className="search-clear"
              onClick={() => {
                setText("");
                setWords("");
                setTyping(false);
              }}
            >
              <Icon name="close" size={12} />
            </View>
          )}
        </View>
        <View className="search-go" onClick={() => search(text)}>
          搜索
        </View>
      </View>
      {typing && text.trim() ? (
        <Suggestions text={text.trim()} onPick={search} />
      ) : words ? (
        <Results words={words} />
      ) : (
        <>
          {history.length > 0 && (
            <Words title="最近搜索" words={history} onPick={search} onClear={() => remember([])} />
          )}
          <Words title="大家都在搜" words={HOT} onPick={search} />
        </>
      )}
    </Page>
  );
}

function Words(props: { title: string; words: string[]; onPick: (word: string) => void; onClear?: () => void }) {
  return (
    <View className="search-words">
      <View className="search-words-title">
        <Text>{props.title}</Text>
        {props.onClear && (
          <View className="search-words-clear" onClick={props.onClear}>
            <Icon name="trash" size={16} />
          </View>
        )}
      </View>
      <View className="search-chips">
        {props.words.map((word) => (
          <View key={word} className="search-chip" onClick={() => props.onPick(word)}>
            {word}
          </View>
        ))}
      </View>
    </View>
  );
}

/** A moment after the last letter, so that not every letter is a request. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SUGGEST_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function Suggestions({ text, onPick }: { text: string; onPick: (word: string) => void }) {
  const settled = useSettled(text);
  const found = useRequest(() => catalog.suggestions(settled), [settled]);
  return (
    <View className="search-suggestions">
      {[text, ...(found.data?.items ?? []).filter((one) => one !== text)].map((word) => (
        <View key={word} className="search-suggestion" onClick={() => onPick(word)}>
          <Icon name="search" size={16} />
          <Text className="search-suggestion-text">{word}</Text>
        </View>
      ))}
    </View>
  );
}

const SORTS: { sort: Sort; title: string }[] = [
  { sort: "relevance", title: "综合" },
  { sort: "sales", title: "销量" },
  { sort: "newest", title: "新品" },
  { sort: "price", title: "价格" },
];

function Results({ words }: { words: string }) {
  const [sort, setSort] = useState<Sort>("relevance");
  const [filters, setFilters] = useState<Filters>({});
  const [open, setOpen] = useState(false);
  const pages = usePages((page) => catalog.search(words, { ...filters, sort }, page), [words, sort, filters]);
  const filtered = Object.values(filters).some((value) => value !== undefined && value !== false);
  return (
    <>
      <View className="search-sorts">
        {SORTS.map((one) => (
          <View
            key={one.sort}
            className={`search-sort ${one.sort === sort.replace("-", "") ? "search-sort-current" : ""}`}
            onClick={() => setSort(one.sort === "price" && sort === "price" ? "-price" : one.sort)}
          >
            {one.title}
            {one.sort === "price" && (
              <Text className="search-sort-arrow">{sort === "price" ? "↑" : sort === "-price" ? "↓" : "↕"}</Text>
            )}
          </View>
        ))}
        <View className={`search-sort ${filtered ? "search-sort-current" : ""}`} onClick={() => setOpen(true)}>
          筛选
          <Icon name="filter" size={14} />
        </View>
      </View>
      {pages.first && pages.error && <Failed error={pages.error} onRetry={pages.reload} />}
      {pages.first && !pages.error && <Skeleton kind="tile" rows={6} />}
      {!pages.first && pages.total === 0 && (
        <Empty
          icon="search"
          title={`没有找到“${words}”`}
          hint="换个词试试，或放宽筛选条件"
          {...(filtered ? { action: "清除筛选", onAction: () => setFilters({}) } : {})}
        />
      )}
      {pages.total > 0 && <View className="search-total">共 {pages.total} 件商品</View>}
      <Waterfall cards={pages.items} />
      {!pages.first && <ListEnd pages={pages} />}
      <FilterSheet open={open} filters={filters} onClose={() => setOpen(false)} onFilters={setFilters} />
    </>
  );
}

interface FilterProps {
  open: boolean;
  filters: Filters;
  onFilters: (filters: Filters) => void;
  onClose: () => void;
}

const yuan = (fen: number | undefined) => (fen === undefined ? "" : shortYuan(fen));

function FilterSheet({ open, filters, onFilters, onClose }: FilterProps) {
  const [low, setLow] = useState("");
  const [high, setHigh] = useState("");
  const [stocked, setStocked] = useState(false);
  useEffect(() => {
    setLow(yuan(filters.min_price_fen));
    setHigh(yuan(filters.max_price_fen));
    setStocked(filters.in_stock ?? false);
  }, [open, filters]);

  const apply = () => {
    const [from, to] = [low, high].map((text) => (text.trim() ? parseYuan(text) : undefined));
    if (from === null || to === null) return say("价格请填写数字");
    if (from !== undefined && to !== undefined && from > to) return say("最低价不能高于最高价");
    const next: Filters = {};
    if (from !== undefined) next.min_price_fen = from;
    if (to !== undefined) next.max_price_fen = to;
    if (stocked) next.in_stock = true;
    onFilters(next);
    return onClose();
  };
  return (
    <Sheet
      open={open}
      title="筛选"
      onClose={onClose}
      footer={
        <View className="button-row">
          <Button
            kind="quiet"
            className="button-grow"
            onClick={() => {
              onFilters({});
              onClose();
            }}
          >
            重置
          </Button>
          <Button className="button-grow" onClick={apply}>
            确定
          </Button>
        </View>
      }
    >
      <View className="search-filter-label">价格区间（元）</View>
      <View className="search-prices">
        <Input className="search-price" type="digit" placeholder="最低价" value={low} onInput={(e) => setLow(e.detail.value)} />
        <Text className="search-dash">—</Text>
        <Input className="search-price" type="digit" placeholder="最高价" value={high} onInput={(e) => setHigh(e.detail.value)} />
      </View>
      <View className="search-filter-label">服务</View>
      <View className="search-chips">
        <View className={`search-chip ${stocked ? "search-chip-on" : ""}`} onClick={() => setStocked(!stocked)}>
          仅看有货
        </View>
      </View>
    </Sheet>
  );
}
