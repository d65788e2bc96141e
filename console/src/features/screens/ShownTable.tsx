import { useTranslation } from "react-i18next";
import type { Screen } from "../../api/screens";
import { assetHash } from "../../lib/plant_url";
import { useNow } from "../../lib/use_now";
import { seriesOf, useShownStates } from "./MimicView";
import type { ScreenValues } from "./screen_values";
import { kSigns } from "./shown_state";
import { assetName, figureText, shownName, valueText, whyText } from "./shown_text";

/** What a drawing shows, as rows: for small screens, and for who cannot see the drawing. */
export function ShownTable({ screen, values }: { screen: Screen; values: ScreenValues }) {
  const { t, i18n } = useTranslation();
  const nowMs = useNow();
  const states = useShownStates(screen, values, nowMs);
  return (
    <details className="fold">
      <summary>{t("screens.asTable", { count: screen.shown.length })}</summary>
      <div className="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("screens.asset")}</th>
              <th scope="col">{t("plant.attribute")}</th>
              <th scope="col" className="number">
                {t("assets.value")}
              </th>
              <th scope="col">{t("screens.state")}</th>
            </tr>
          </thead>
          <tbody>
            {screen.shown.map((shown, index) => {
              const state = states[index];
              if (!state) return null;
              const value =
                shown.kpi === null
                  ? valueText(shown, state, t, i18n.language)
                  : figureText(seriesOf(shown, values), i18n.language);
              return (
                <tr key={shown.element ?? index}>
                  <th scope="row">
                    {shown.asset === null ? (
                      shown.place
                    ) : (
                      <a href={assetHash(shown.asset.id)}>{assetName(shown, i18n.language)}</a>
                    )}
                  </th>
                  <td>{shownName(shown, i18n.language)}</td>
                  <td className="number">{value}</td>
                  <td>
                    {kSigns[state.look]} {whyText(shown, state, nowMs, t, i18n.language)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
