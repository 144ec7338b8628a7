// From a face's crop to the seven emotions, and from those to the measures: by the model's card.

/** What a network takes of a grey crop, or of its mirror image. */
export function asGrey(crop, card, mirrored = false) {
  const { size, channels } = card.crop;
  const out = new Float32Array(size * size * channels);
  for (let row = 0, to = 0; row < crop.length; row += size) {
    for (let column = 0; column < size; column += 1) {
      const at = row + (mirrored ? size - 1 - column : column);
      const value = (crop[at] - card.mean) / card.scale;
      for (let c = 0; c < channels; c += 1, to += 1) out[to] = value;
    }
  }
  return out;
}

/** The seven probabilities from the logits of all outputs: calibrated, and weighed together. */
export function sevenOf(logits, card) {
  const total = card.log_prior.slice();
  for (const one of card.served) {
    const own = calibrated(
      Array.from(logits.slice(one.from, one.to), (v) => v / one.temperature),
      card,
    );
    const seven = new Array(7).fill(0);
    one.to_seven.forEach((place, k) => {
      if (place >= 0) seven[place] += own[k];
    });
    const sum = seven.reduce((a, b) => a + b, 0);
    seven.forEach((value, k) => {
      const share = sum > 1e-9 ? value / sum : 1 / 7;
      total[k] += one.share * Math.log(Math.max(share, card.least));
    });
  }
  return softmax(total);
}

function calibrated(values, card) {
  if (card.activation !== "sigmoid") return softmax(values);
  const each = values.map((one) => 1 / (1 + Math.exp(-one)));
  const sum = each.reduce((a, b) => a + b, 0);
  return each.map((one) => one / sum);
}

function softmax(values) {
  const most = Math.max(...values);
  const each = values.map((one) => Math.exp(one - most));
  const sum = each.reduce((a, b) => a + b, 0);
  return each.map((one) => one / sum);
}

const ramp = (angle, [full, none]) =>
  Math.min(1, Math.max(0, (none - Math.abs(angle)) / (none - full)));

/** The measures that follow from one frame alone, by their keys in the table of measures.
 * Attention is what the head says: closed eyes and looks aside are known at the end only.
 */
export function measured(seven, pose, table) {
  const facing = ramp(pose[0], table.yaw) * ramp(pose[1], table.pitch);
  const expressiveness = 1 - seven[table.neutral];
  const [base, expressive] = table.engagement;
  return {
    valence: seven[table.happy] - Math.max(...table.unpleasant.map((k) => seven[k])),
    activation: seven.reduce((sum, one, k) => sum + one * table.activation[k], 0),
    expressiveness,
    attention: facing,
    engagement: 100 * facing * (base + expressive * expressiveness),
    facing,
  };
}
