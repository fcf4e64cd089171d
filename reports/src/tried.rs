//! What the cases of a run tried, function by function, as a table for a terminal.

use array_assay_format::{Check, Covered, FLOOR, GAPS, Property, Results, Verdict};

/// What was tried of one function.
#[derive(Debug, Default)]
struct Row {
    name: String,
    /// The checks on one combination of dtypes for which some case was judged.
    judged: usize,
    /// Those among them with fewer than [`FLOOR`] cases.
    few: usize,
    /// Those that the library may refuse, or that another deviation hides.
    excused: usize,
    /// Those for which no case was judged.
    holes: usize,
    covered: Option<Covered>,
}

impl Row {
    fn add(&mut self, check: &Check) {
        self.covered = self.covered.or(check.covered);
        for cell in check.cells.iter().filter(|_| !matches!(check.id.property, Property::Present | Property::Signature)) {
            match cell.verdict {
                Verdict::NotTested => self.holes += 1,
                Verdict::Unsupported | Verdict::Blocked | Verdict::Missing => self.excused += 1,
                _ => {
                    self.judged += 1;
                    self.few += usize::from(cell.is_below_floor());
                }
            }
        }
    }

    /// The share of the levels and of the pairs that cases met, as a percentage without a fraction. Only all of them are 100.
    fn shares(&self) -> [String; 2] {
        let share = |met: u64, all: u64| (met * 100).checked_div(all).map_or("·".to_owned(), |percent| format!("{percent} %"));
        match self.covered {
            Some(Covered { levels, pairs }) => [share(levels.met, levels.all), share(pairs.met, pairs.all)],
            None => ["·".to_owned(), "·".to_owned()],
        }
    }
}

/// A table of the functions of the standard: for how many of the checks on one combination of dtypes and in one form of call cases were judged,
/// for how many none was, and how many of the choices behind the cases, and pairs of these, were met.
pub fn tried(results: &Results) -> String {
    let mut rows: Vec<Row> = Vec::new();
    for check in results.checks.iter().filter(|check| check.id.category != GAPS) {
        let name = format!("{}/{}", check.id.category, check.id.function);
        if rows.last().is_none_or(|row| row.name != name) {
            rows.push(Row { name, ..Row::default() });
        }
        if let Some(row) = rows.last_mut() {
            row.add(check);
        }
    }
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0).max("function".len());
    let few = format!("below {FLOOR}");
    let line = |[name, judged, few, excused, holes, levels, pairs]: [&str; 7]| {
        format!("{name:width$}  {judged:>7}  {few:>7}  {excused:>7}  {holes:>10}  {levels:>6}  {pairs:>6}\n")
    };
    let mut out = line(["function", "judged", &few, "excused", "not tested", "levels", "pairs"]);
    let number = |n: usize| if n == 0 { "·".to_owned() } else { n.to_string() };
    let mut all = Row { name: "all".to_owned(), ..Row::default() };
    for row in &rows {
        let [levels, pairs] = row.shares();
        out += &line([&row.name, &number(row.judged), &number(row.few), &number(row.excused), &number(row.holes), &levels, &pairs]);
        (all.judged, all.few) = (all.judged + row.judged, all.few + row.few);
        (all.excused, all.holes) = (all.excused + row.excused, all.holes + row.holes);
        if let Some(covered) = row.covered {
            let sum = all.covered.get_or_insert_default();
            for (sum, one) in [(&mut sum.levels, covered.levels), (&mut sum.pairs, covered.pairs)] {
                (sum.met, sum.all) = (sum.met + one.met, sum.all + one.all);
            }
        }
    }
    let [levels, pairs] = all.shares();
    out + &line(["all", &number(all.judged), &number(all.few), &number(all.excused), &number(all.holes), &levels, &pairs])
}
