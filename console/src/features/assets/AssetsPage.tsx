import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { getAllTags, getTags, type Tag } from "../../api/tags";
import { useUser } from "../../app/session";
import { EmptyState } from "../../components/EmptyState";
import { FirstData } from "../../components/FirstData";
import { Loaded } from "../../components/Loaded";
import { decodeName } from "../../lib/tag_path";
import { lastTrend } from "../../lib/trend_url";
import { useResource } from "../../lib/use_resource";
import { AssetGrid } from "./AssetGrid";
import { nodeOfTag, useAssetTree } from "./asset_tree";

/** The most tags that a search by words looks through, and that a list shows. */
const kSearchTagsMax = 50_000;
const kShownMax = 2_000;

/** The asset tree with live values; search first, browse second. */
export default function AssetsPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const [asked, setAsked] = useState("");
  // Whoever comes back to the search sees the tags that have been made since.
  const [round, setRound] = useState(0);
  const pens = lastTrend().pens.length;

  useEffect(() => {
    const timer = setTimeout(() => setAsked(search.trim()), 250);
    return () => clearTimeout(timer);
  }, [search]);

  return (
    <>
      <div className="page-head">
        <h1>{t("page.assets")}</h1>
        <label className="search">
          <span className="hidden-label">{t("assets.search")}</span>
          <input
            type="search"
            value={search}
            placeholder={t("assets.searchPlaceholder")}
            onChange={(event) => setSearch(event.target.value)}
            onFocus={() => setRound((old) => old + 1)}
            spellCheck={false}
          />
        </label>
        {pens > 0 && <a href="#/trend">{t("assets.backToTrend", { count: pens })}</a>}
      </div>
      <p className="subtitle">{t("assets.help")}</p>
      {asked === "" ? <AssetTree /> : <AssetSearch text={asked} round={round} />}
    </>
  );
}

function AssetTree() {
  const { t } = useTranslation();
  const tree = useAssetTree();
  return (
    <Loaded
      resource={tree.root}
      isEmpty={(level) => level.children.length === 0}
      empty={
        <EmptyState title={t("assets.emptyTitle")}>
          <p>{t("assets.empty")}</p>
          <FirstData />
        </EmptyState>
      }
    >
      {() => <AssetGrid rows={tree.rows} onToggle={tree.toggle} loading={tree.loading} failed={tree.failed} />}
    </Loaded>
  );
}

function AssetSearch({ text, round }: { text: string; round: number }) {
  const { t } = useTranslation();
  const enterprise = useUser().enterprise ?? "";
  const isGlob = text.includes("*");
  const found = useResource(isGlob ? `glob/${text}` : `all/${round}`, async (signal): Promise<Tag[]> => {
    if (!isGlob) return getAllTags(`${enterprise}/**`, kSearchTagsMax, signal);
    const pattern =
      text === enterprise || text.startsWith(`${enterprise}/`) || text.startsWith("**") ? text : `**/${text}`;
    return (await getTags(pattern, kShownMax, undefined, signal)).tags;
  });
  const tags = useMemo(() => {
    const all = found.data ?? [];
    if (isGlob) return all;
    const words = text.toLowerCase().split(/\s+/);
    return all
      .filter((tag) => {
        const hay = `${decodeName(tag.path)} ${tag.description} ${tag.unit}`.toLowerCase();
        return words.every((word) => hay.includes(word));
      })
      .slice(0, kShownMax);
  }, [found.data, isGlob, text]);
  const rows = useMemo(
    () =>
      tags.map((tag, index) => ({
        node: nodeOfTag(tag),
        level: 1,
        position: index + 1,
        siblings: tags.length,
        expanded: null,
      })),
    [tags],
  );

  return (
    <Loaded resource={found}>
      {() => (
        <>
          <p role="status">{t("assets.found", { count: rows.length })}</p>
          {rows.length > 0 ? <AssetGrid rows={rows} /> : <p>{t("assets.searchHelp")}</p>}
        </>
      )}
    </Loaded>
  );
}
