/** Hands a text to the browser as a file to keep. UTF-8, with the mark that makes spreadsheets read it so. */
export function saveText(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob(["\uFEFF", text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
