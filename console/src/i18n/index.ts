import i18next from "i18next";
import { useTranslation, initReactI18next } from "react-i18next";
import { getPreference, setPreference } from "../lib/preferences";
import { en } from "./en";
import { zh } from "./zh";

/** Languages that are complete. Any other falls back to English. */
export const kLanguages = [
  { code: "en", name: "English" },
  { code: "zh", name: "中文" },
] as const;

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    returnNull: false;
  }
}

function firstLanguage(): string {
  const wanted = [getPreference("language"), ...(typeof navigator === "undefined" ? [] : navigator.languages)];
  for (const language of wanted) {
    const found = kLanguages.find(({ code }) => language?.toLowerCase().split("-")[0] === code);
    if (found) return found.code;
  }
  return "en";
}

void i18next.use(initReactI18next).init({
  resources: { en: { translation: en }, zh: { translation: zh } },
  lng: firstLanguage(),
  fallbackLng: "en",
  // React escapes what it shows; escaping twice would garble quotes in tag names.
  interpolation: { escapeValue: false },
});

function markDocument(language: string): void {
  if (typeof document !== "undefined") document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
}
markDocument(i18next.language);
i18next.on("languageChanged", markDocument);

export function useLanguage(): [string, (language: string) => void] {
  const { i18n } = useTranslation();
  return [
    i18n.language,
    (language) => {
      setPreference("language", language);
      void i18n.changeLanguage(language);
    },
  ];
}
