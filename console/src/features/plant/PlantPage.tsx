import { useTranslation } from "react-i18next";
import { getAsset } from "../../api/assets";
import { hasRole, useUser } from "../../app/session";
import { plantHash, viewOf } from "../../lib/plant_url";
import { useRoute } from "../../lib/route";
import { useResource } from "../../lib/use_resource";
import { AssetPage } from "./AssetPage";
import { ExplainPage } from "./ExplainPage";
import { KpisView } from "./KpisView";
import { PlantTree } from "./PlantTree";

const kNone: never[] = [];

/** `#/plant`, `#/plant/ID/VIEW`, `#/plant/explain?...`: the plant as its model knows it. */
export default function PlantPage() {
  const { t } = useTranslation();
  const { path, search } = useRoute();
  const user = useUser();
  const mayEdit = hasRole(user, "engineer");
  const first = path[1];
  const id = first !== undefined && /^\d+$/.test(first) ? Number(first) : null;
  const asset = useResource(id === null ? null : `asset/${id}`, (signal) => getAsset(id ?? 0, signal));
  if (first === "explain") return <ExplainPage key={search.toString()} search={search} />;
  return (
    <div className="plant">
      <PlantTree current={id} path={asset.data?.path ?? null} view={viewOf(path[2])} />
      <div className="plant-detail">
        {id === null ? (
          <>
            <h1>{t("page.plant")}</h1>
            <p className="subtitle">{t("plant.explain")}</p>
            {user.enterprise !== null && (
              <section aria-labelledby="enterprise-kpis">
                <h2 id="enterprise-kpis">{t("plant.enterpriseKpis")}</h2>
                <p className="hint">{t("plant.enterpriseDays")}</p>
                <KpisView
                  path={user.enterprise}
                  rollup
                  kpis={kNone}
                  kinds={kNone}
                  window={search.get("window") ?? "day"}
                  hashOf={plantHash}
                />
              </section>
            )}
            {mayEdit && (
              <p>
                <a href="#/solutions">{t("plant.toSolutions")}</a>
              </p>
            )}
          </>
        ) : (
          <AssetPage key={id} asset={asset} view={viewOf(path[2])} search={search} mayEdit={mayEdit} />
        )}
      </div>
    </div>
  );
}
