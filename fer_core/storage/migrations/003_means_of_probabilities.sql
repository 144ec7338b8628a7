-- seconds/2: the probabilities of a viewer's second, and the measures that are sums of them, are
-- means over its usable frames and no longer medians, which need not sum to 1. Its emotion is
-- the likeliest, or 'mixed' where that leads no more than half of the frames. Edits by hand are applied as before.
CREATE TEMP TABLE means AS
    WITH faces AS (
        SELECT t.session_id, coalesce(v.shown, t.viewer) AS viewer, t.frame, t.t_ms, t.score,
               t.usable, t.emotion, t.p_angry, t.p_disgust, t.p_fear, t.p_happy,
               t.p_sad, t.p_surprise, t.p_neutral, t.activation, t.expressiveness
        FROM timeline t
        LEFT JOIN viewers v ON v.session_id = t.session_id AND v.viewer = t.viewer
        WHERE t.viewer >= 0 AND t.score IS NOT NULL
          AND NOT EXISTS (
            SELECT 1 FROM exclusions e
            WHERE e.session_id = t.session_id AND e.viewer = t.viewer
              AND t.t_ms >= e.from_ms AND t.t_ms < e.to_ms)
        QUALIFY row_number() OVER (
            PARTITION BY t.session_id, coalesce(v.shown, t.viewer), t.frame
            ORDER BY t.score DESC) = 1),
    made AS (
        SELECT session_id, viewer, floor((t_ms - offset_ms) / 1000)::INTEGER AS second,
               avg(p_angry)::FLOAT AS p_angry,
               avg(p_disgust)::FLOAT AS p_disgust,
               avg(p_fear)::FLOAT AS p_fear,
               avg(p_happy)::FLOAT AS p_happy,
               avg(p_sad)::FLOAT AS p_sad,
               avg(p_surprise)::FLOAT AS p_surprise,
               avg(p_neutral)::FLOAT AS p_neutral,
               avg(activation)::FLOAT AS activation,
               avg(expressiveness)::FLOAT AS expressiveness,
               [count(*) FILTER (emotion = 'angry'), count(*) FILTER (emotion = 'disgust'),
                count(*) FILTER (emotion = 'fear'), count(*) FILTER (emotion = 'happy'),
                count(*) FILTER (emotion = 'sad'), count(*) FILTER (emotion = 'surprise'),
                count(*) FILTER (emotion = 'neutral')] AS led_by
        FROM faces JOIN (SELECT session_id, offset_ms FROM sessions) USING (session_id)
        WHERE usable GROUP BY ALL)
    SELECT *, list_max(p) AS confidence,
           CASE WHEN 2 * led_by[list_position(p, list_max(p))] > list_sum(led_by)
                THEN ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'][
                    list_position(p, list_max(p))] ELSE 'mixed' END AS emotion
    FROM (SELECT *, [p_angry, p_disgust, p_fear, p_happy, p_sad, p_surprise, p_neutral] AS p
          FROM made)
    WHERE p_neutral IS NOT NULL;
UPDATE seconds SET
    p_angry = means.p_angry,
    p_disgust = means.p_disgust,
    p_fear = means.p_fear,
    p_happy = means.p_happy,
    p_sad = means.p_sad,
    p_surprise = means.p_surprise,
    p_neutral = means.p_neutral,
    activation = means.activation,
    expressiveness = means.expressiveness,
    confidence = means.confidence,
    emotion = means.emotion
FROM means
WHERE seconds.session_id = means.session_id AND seconds.viewer = means.viewer
  AND seconds.second = means.second;
DROP TABLE means;
