export function summary(report, language) { return []; }
