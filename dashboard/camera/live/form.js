// What a person sets before and during a session: camera, size, names, layers. This browser
// remembers what it can.

import { remember, remembered } from "../../shared/web/component.js";
import { listCameras } from "../connection/camera.js";

const KEPT = "rapt.live";
const LAYERS = ["picture", "boxes", "names", "bars", "blur"];
const USUAL = {
  picture: true,
  boxes: true,
  names: true,
  bars: true,
  blur: false,
  camera: "",
  size: "640x360",
};

export class Form {
  /** `onlayers` is called when a layer was switched, `onstart` for START. */
  constructor(root, { onstart, onlayers }) {
    this.root = root;
    this.kept = remembered(KEPT, USUAL);
    this.studies = [];
    this.served = false;
    this.field("size").value = this.kept.size;
    this.find(".agreed").onchange = () => this.ready();
    for (const name of ["study", "purpose", "exception", "reason"]) {
      this.field(name).oninput = () => this.changed();
    }
    this.find(".choices").onsubmit = (event) => {
      event.preventDefault();
      if (!this.find(".begin button").disabled) onstart();
    };
    for (const button of this.layerButtons) {
      button.onclick = () => {
        this.remember({ [button.dataset.layer]: !this.kept[button.dataset.layer] });
        this.showLayers();
        onlayers();
      };
    }
    this.showLayers();
    this.devices = () => this.cameras();
    navigator.mediaDevices?.addEventListener?.("devicechange", this.devices);
    this.cameras();
  }
  find(what) {
    return this.root.querySelector(what);
  }
  field(name) {
    return this.find(`[name=${name}]`);
  }
  get layerButtons() {
    return this.root.querySelectorAll("[data-layer]");
  }
  set({ studies, served, purposes, forbidden }) {
    this.studies = studies;
    this.served = served;
    this.forbidden = forbidden.key;
    this.find(".forbidden p").textContent = forbidden.words;
    const select = this.field("purpose");
    const chosen = select.value;
    select.replaceChildren(
      new Option("Choose one", ""),
      ...purposes.map((one) => new Option(one.label, one.key)),
    );
    select.value = chosen;
    this.changed();
  }
  get study() {
    return this.studies.find((one) => one.name === this.field("study").value.trim());
  }
  /** Another study or purpose: a study whose purpose is known is not asked again. */
  changed() {
    this.suggest();
    const known = this.study?.purpose ?? "";
    const select = this.field("purpose");
    select.options[0].textContent = known || "Choose one";
    if (known) select.value = "";
    select.disabled = Boolean(known);
    this.find(".forbidden").hidden = select.value !== this.forbidden;
    this.ready();
  }
  async cameras() {
    const found = await listCameras().catch(() => []); // not allowed to ask: START says so
    const select = this.field("camera");
    const chosen = select.value || this.kept.camera;
    const known = found.filter((one) => one.deviceId);
    select.replaceChildren(
      new Option("The usual one of this device", ""),
      ...known.map((one, i) => new Option(one.label || `Camera ${i + 1}`, one.deviceId)),
    );
    if ([...select.options].some((one) => one.value === chosen)) select.value = chosen;
  }
  /** Names to choose from; a study has stimuli and conditions of its own. */
  suggest() {
    const fill = (id, values = []) =>
      this.find(id).replaceChildren(...values.map((one) => new Option(one)));
    const names = this.studies.map((one) => one.name);
    const study = this.study;
    fill("#live-studies", names);
    fill("#live-stimuli", study?.stimuli);
    fill("#live-conditions", study?.conditions);
  }
  ready() {
    const lacks = this.lacking();
    this.find(".begin button").disabled = Boolean(lacks) || !this.served;
    this.find(".why").textContent = lacks;
  }
  /** What is still to do before START. */
  lacking() {
    if (!this.find(".agreed").checked) return "Tick the box first.";
    const text = (name) => this.field(name).value.trim();
    if (this.field("purpose").disabled) return "";
    if (!text("purpose")) return "Choose the purpose.";
    if (text("purpose") !== this.forbidden) return "";
    if (!text("exception")) return "This purpose is declined.";
    return text("reason") ? "" : "Write down the reason.";
  }
  /** The camera to open, and in which size. */
  camera() {
    const size = this.field("size").value;
    const id = this.field("camera").value;
    this.remember({ size, camera: id });
    return { id, size };
  }
  /** What the server is told with the camera's offer. */
  choices(offer) {
    const text = (name) => this.field(name).value.trim();
    return {
      offer,
      agreed: this.find(".agreed").checked,
      name: text("name"),
      study: text("study"),
      stimulus: text("stimulus"),
      condition: text("condition"),
      purpose: text("purpose"),
      exception: text("exception"),
      reason: text("reason"),
      layers: this.layers,
    };
  }
  /** Which layers are drawn, by name. */
  get layers() {
    return Object.fromEntries(LAYERS.map((name) => [name, this.kept[name]]));
  }
  showLayers() {
    for (const button of this.layerButtons) {
      const name = button.dataset.layer;
      button.setAttribute("aria-pressed", String(Boolean(this.kept[name])));
      button.disabled = name !== "picture" && !this.kept.picture;
    }
  }
  remember(change) {
    Object.assign(this.kept, change);
    remember(KEPT, this.kept);
  }
  close() {
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.devices);
  }
}
