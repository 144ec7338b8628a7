// Asks a server of ours with JSON.

/**
 * Post `value` as JSON. `said` is the JSON of the answer, {} where it has none; rejects where
 * no answer comes.
 *
 * @param {string} url
 * @param {object} value
 * @param {{ token?: string, keepalive?: boolean }} [how] the page's secret; outlast the page
 */
export async function post(url, value, { token = "", keepalive = false } = {}) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { "x-rapt-token": token }) },
    body: JSON.stringify(value),
    keepalive,
  });
  const said = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, said };
}
