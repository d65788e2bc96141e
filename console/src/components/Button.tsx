import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";

export interface ButtonProps extends AriaButtonProps {
  kind?: "plain" | "primary" | "danger" | "quiet";
}

export function Button({ kind = "plain", className, ...rest }: ButtonProps) {
  return <AriaButton {...rest} className={`button ${kind} ${typeof className === "string" ? className : ""}`} />;
}
