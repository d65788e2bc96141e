import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { LoginPage } from "../features/login/LoginPage";
import { WelcomePage } from "../features/welcome/WelcomePage";
import { navigate, useRoute } from "../lib/route";
import { useTheme } from "../lib/theme";
import { homeOf, kPages } from "./pages";
import { useSession } from "./session";
import { Shell } from "./Shell";
import { Wall } from "./Wall";

/** The address decides the page; without a session it is the login, which leads back to the address. */
export function App() {
  useTheme();
  const { t } = useTranslation();
  const { user, checking, unreachable } = useSession();
  const route = useRoute();
  const name = route.path[0] ?? "";
  const page = user ? kPages.find((candidate) => candidate.name === name && candidate.visibleTo(user)) : undefined;
  const isWelcome = name === "welcome";

  useEffect(() => {
    if (user && name === "") navigate(homeOf(user), true);
  }, [user, name]);

  if (isWelcome) return <WelcomePage secret={route.path[1] ?? ""} />;
  if (checking) {
    return (
      <p className="loading" role="status">
        {unreachable ? t("state.unreachable") : t("state.loading")}
      </p>
    );
  }
  if (!user) return <LoginPage />;
  if (name === "") return null;
  if (page?.name === "screens" && route.search.get("wall") === "1") return <Wall page={page} />;
  return <Shell page={page ?? null} />;
}
