SELECT
    period,
    irritant_id,
    kind,
    measure,
    n_with,
    n_without,
    mean_with,
    mean_without,
    leave_one_out,
    leave_one_out_low,
    leave_one_out_high,
    effect,
    effect_low,
    effect_high,
    enough,
    reason
FROM impacts
ORDER BY period, kind DESC, irritant_id, measure
