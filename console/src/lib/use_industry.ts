import { useTranslation } from "react-i18next";

/** The name of an industry that has a pack, in the language of the page; any other text as somebody wrote it. */
export function useIndustry(): (industry: string) => string {
  const { t, i18n } = useTranslation();
  return (industry) => {
    const key = `industry.${industry.toLowerCase()}`;
    return i18n.exists(key) ? t(key as "industry.steel") : industry;
  };
}
