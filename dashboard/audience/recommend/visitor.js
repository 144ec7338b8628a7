// Remembers this browser's anonymous number between visits.
const KEY = "rapt-visitor";

export default function ({ data, setStateValue }) {
  try {
    const kept = localStorage.getItem(KEY);
    if (window.__raptVisitor === undefined && kept && kept !== data.visitor) {
      window.__raptVisitor = kept;
      setStateValue("earlier", kept);
      return;
    }
    localStorage.setItem(KEY, data.visitor);
  } catch {
    // a private window: the number lasts for this visit only
  }
  window.__raptVisitor = data.visitor;
}
