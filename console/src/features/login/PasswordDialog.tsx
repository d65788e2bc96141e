import { useTranslation } from "react-i18next";
import { FormDialog } from "../../components/FormDialog";
import { PasswordForm } from "./PasswordForm";

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <FormDialog title={t("shell.password")} onClose={onClose}>
      <PasswordForm onDone={onClose} skip={{ label: t("action.cancel"), act: onClose }} />
    </FormDialog>
  );
}
