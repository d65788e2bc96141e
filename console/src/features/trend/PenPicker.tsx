import { useMemo, useState } from "react";
import {
  ComboBox,
  ComboBoxContext,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  type Key,
} from "react-aria-components";
import { useTranslation } from "react-i18next";
import { getAllTags } from "../../api/tags";
import { useUser } from "../../app/session";
import { decodeName, shownPath } from "../../lib/tag_path";
import { kPensMax } from "../../lib/trend_url";
import { useResource } from "../../lib/use_resource";
import { unitSymbol } from "../../lib/value";

const kTagsMax = 20_000;
const kShownMax = 60;

/** Adds a pen by words of its path or description. */
export function PenPicker({ pens, onPick }: { pens: readonly string[]; onPick: (path: string) => void }) {
  const { t } = useTranslation();
  const enterprise = useUser().enterprise ?? "";
  const [text, setText] = useState("");
  const tags = useResource("pen picker", (signal) => getAllTags(`${enterprise}/**`, kTagsMax, signal));
  const items = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (tags.data ?? [])
      .filter((tag) => {
        if (pens.includes(tag.path)) return false;
        const hay = `${decodeName(tag.path)} ${tag.description}`.toLowerCase();
        return words.every((word) => hay.includes(word));
      })
      .slice(0, kShownMax);
  }, [tags.data, text, pens]);

  const pick = (key: Key | null) => {
    if (key === null) return;
    setText("");
    onPick(String(key));
  };

  if (pens.length >= kPensMax) return <p className="hint">{t("trend.full", { count: kPensMax })}</p>;
  return (
    <ComboBoxContext.Provider value={{}}>
      <ComboBox
        className="combo"
        menuTrigger="focus"
        allowsEmptyCollection
        items={items}
        inputValue={text}
        onInputChange={setText}
        selectedKey={null}
        onSelectionChange={pick}
      >
        <Label>{t("trend.add")}</Label>
        <Input placeholder={t("trend.addPlaceholder")} />
        <Popover className="popover combo-list">
          <ListBox<(typeof items)[number]>
            className="menu"
            renderEmptyState={() => (
              <p className="hint">{tags.data?.length === 0 ? t("assets.emptyTitle") : t("trend.nothingFound")}</p>
            )}
          >
            {(tag) => (
              <ListBoxItem id={tag.path} textValue={shownPath(tag.path)}>
                {shownPath(tag.path)}{" "}
                <small>{[unitSymbol(tag.unit), tag.description].filter(Boolean).join(" · ")}</small>
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </ComboBox>
    </ComboBoxContext.Provider>
  );
}
