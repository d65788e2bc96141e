import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Asset } from "../../api/assets";
import { getTemplate } from "../../api/templates";
import { Loaded } from "../../components/Loaded";
import { assetHash, kAssetViews, type AssetView } from "../../lib/plant_url";
import { leafName, shownPath } from "../../lib/tag_path";
import { useResource, type Resource } from "../../lib/use_resource";
import { inWords } from "../../lib/words";
import { AttributesView } from "./AttributesView";
import { KpisView } from "./KpisView";

// With their charts, which values and KPIs do without.
const FormulasView = lazy(() => import("./FormulasView"));
const IntervalsView = lazy(() => import("./IntervalsView"));
const EntriesView = lazy(() => import("../entries/EntriesView"));

const kNone: never[] = [];

/** One asset: what it is, and the view of it that the address names. */
export function AssetPage({
  asset,
  view,
  search,
  mayEdit,
}: {
  asset: Resource<Asset>;
  view: AssetView;
  search: URLSearchParams;
  mayEdit: boolean;
}) {
  return (
    <Loaded resource={asset}>
      {(data) => <AssetBody asset={data} view={view} search={search} mayEdit={mayEdit} onChanged={asset.refresh} />}
    </Loaded>
  );
}

function AssetBody({
  asset,
  view,
  search,
  mayEdit,
  onChanged,
}: {
  asset: Asset;
  view: AssetView;
  search: URLSearchParams;
  mayEdit: boolean;
  onChanged: () => void;
}) {
  const { t, i18n } = useTranslation();
  // Words and windows of its KPIs and intervals; without them their names serve.
  const template = useResource(asset.template === "" ? null : `template/${asset.template}/${asset.version}`, (signal) =>
    getTemplate(asset.template, asset.version, signal),
  );
  const definitions = template.data?.resolved ?? null;
  return (
    <>
      <div className="page-head">
        <h1>{inWords(asset.words, i18n.language, leafName(asset.path))}</h1>
        {asset.parent !== 0 && <a href={assetHash(asset.parent, view)}>{t("plant.up")}</a>}
      </div>
      <p className="subtitle">
        {shownPath(asset.path)}
        {asset.template !== "" && (
          <>
            {" · "}
            {t("plant.template", {
              name: inWords(definitions?.words ?? {}, i18n.language, asset.template),
              version: asset.version,
            })}
          </>
        )}
      </p>
      <nav className="tabs" aria-label={t("plant.views")}>
        {kAssetViews.map((one) => (
          <a key={one} href={assetHash(asset.id, one)} aria-current={one === view ? "page" : undefined}>
            {t(`plant.view.${one}`)}
          </a>
        ))}
      </nav>
      {view === "attributes" && <AttributesView asset={asset} onChanged={onChanged} />}
      {view === "kpis" && (
        <KpisView
          path={asset.path}
          rollup={asset.template === ""}
          kpis={definitions?.kpis ?? kNone}
          kinds={definitions?.intervals ?? kNone}
          window={search.get("window") ?? "shift"}
          hashOf={(window) => assetHash(asset.id, "kpis", { window })}
        />
      )}
      <Suspense
        fallback={
          <p className="loading" role="status">
            {t("state.loading")}
          </p>
        }
      >
        {view === "formulas" && (
          <FormulasView asset={asset} search={search} mayEdit={mayEdit} onPublished={onChanged} />
        )}
        {view === "intervals" && (
          <IntervalsView asset={asset} kinds={definitions?.intervals ?? kNone} search={search} />
        )}
        {view === "entries" && <EntriesView asset={asset} />}
      </Suspense>
    </>
  );
}
