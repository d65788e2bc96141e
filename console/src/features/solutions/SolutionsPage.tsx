import { useState } from "react";
import { useTranslation } from "react-i18next";
import { applyPack, getPacks, type PackSummary } from "../../api/packs";
import { undoUpgrade } from "../../api/templates";
import { hasRole, useUser } from "../../app/session";
import { Button } from "../../components/Button";
import { EditDialog } from "../../components/EditDialog";
import { EmptyState } from "../../components/EmptyState";
import { Loaded } from "../../components/Loaded";
import { Notice } from "../../components/Notice";
import { useRoute } from "../../lib/route";
import { useResource } from "../../lib/use_resource";
import { PackCard } from "./PackCard";
import { PackPage } from "./PackPage";
import { packName } from "./pack_text";

/** `#/solutions` is the catalogue of packs, `#/solutions/NAME` what one holds. */
export default function SolutionsPage() {
  const { t, i18n } = useTranslation();
  const name = useRoute().path[1];
  const packs = useResource("packs", getPacks);
  const user = useUser();
  const mayEdit = hasRole(user, "engineer");
  const isOperator = user.role === "platform-operator";
  const [asked, setAsked] = useState<PackSummary | "undo" | null>(null);
  const [withPlant, setWithPlant] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  // A pack's page asks again once something was applied.
  const [round, setRound] = useState(0);
  const installed = (packs.data ?? []).some((pack) => pack.applied !== null);

  const finish = (sentence: string) => {
    setDone(sentence);
    setRound((old) => old + 1);
    packs.refresh();
  };

  return (
    <>
      {name === undefined && (
        <div className="page-head">
          <h1>{t("page.solutions")}</h1>
          {mayEdit && installed && <Button onPress={() => setAsked("undo")}>{t("solutions.undo")}</Button>}
        </div>
      )}
      {done && <Notice kind="done" title={done} />}
      {name === undefined ? (
        <>
          <p className="subtitle">{t(isOperator ? "solutions.explainOperator" : "solutions.explain")}</p>
          <Loaded
            resource={packs}
            isEmpty={(data) => data.length === 0}
            empty={
              <EmptyState title={t("solutions.emptyTitle")}>
                <p>{t("solutions.empty")}</p>
                <pre>tundish pack list{"\n"}tundish pack check packs/NAME</pre>
              </EmptyState>
            }
          >
            {(data) => (
              <ul className="cards">
                {data.map((pack) => (
                  <PackCard key={pack.name} pack={pack} onApply={mayEdit ? () => setAsked(pack) : null} />
                ))}
              </ul>
            )}
          </Loaded>
          {!mayEdit && !isOperator && packs.data !== null && packs.data.length > 0 && (
            <p>{t("solutions.askEngineer")}</p>
          )}
        </>
      ) : (
        <PackPage key={name} name={name} round={round} onApply={mayEdit ? setAsked : null} />
      )}
      {asked === "undo" && (
        <EditDialog
          title={t("solutions.undoTitle")}
          action={t("solutions.undo")}
          edit={undoUpgrade}
          onDone={() => finish(t("solutions.undone"))}
          onClose={() => setAsked(null)}
        >
          <p>{t("solutions.undoText")}</p>
        </EditDialog>
      )}
      {asked !== null && asked !== "undo" && (
        <EditDialog
          // Another question has another preview.
          key={String(withPlant)}
          title={t(asked.applied ? "solutions.upgradeTitle" : "solutions.installTitle", {
            name: packName(asked, i18n.language),
            version: asked.version,
          })}
          action={t(asked.applied ? "solutions.upgrade" : "solutions.install")}
          nothing={t(withPlant ? "solutions.nothingPlant" : "solutions.nothing")}
          edit={(dryRun) => applyPack(asked.name, dryRun, withPlant)}
          onDone={() =>
            finish(t("solutions.applied", { name: packName(asked, i18n.language), version: asked.version }))
          }
          onClose={() => setAsked(null)}
        >
          {asked.assets > 0 && (
            <label className="check">
              <input type="checkbox" checked={withPlant} onChange={(event) => setWithPlant(event.target.checked)} />
              {t("solutions.withPlant", { count: asked.assets })}
            </label>
          )}
          <p>{t("solutions.previewText")}</p>
        </EditDialog>
      )}
    </>
  );
}
