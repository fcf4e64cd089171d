//! Streams of cases of element-wise functions. A function has its own stream, and one for each of its special cases.

mod corners;
mod special;

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use array_assay_format::{Covered, FLOOR};
use array_assay_interface::{Array, DType, Element, Kind, ParameterKind, Scalar};
use array_assay_oracle::call::Given;
use array_assay_spec::expr::{NoNames, Num};
use array_assay_spec::{Function, OperatorForm, Rule, Spec};

use super::block::CaseBlock;
use super::call::{ArgForm, Call};
use super::case::{CallForm, Operand};
use super::combination::Combination;
use super::design::{Choice, DTYPES, Design, Factor, Row};
use super::id::{CaseId, Sort};
use super::layout::Layout;
use super::losses::Losses;
use super::profile::BackendProfile;
use super::sharing::Sharing;
use super::values::{PERIOD, Random, alike, element, related, scalar_beside, scalar_of, seed_for};
use crate::elements::with_other_nans;

/// How many cases a stream draws, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The seed of the run.
    pub seed: u64,
    /// The number of cases of each stream, without those that come first (see [`Stream::case`]).
    pub cases: u64,
}

/// A stream of cases. First come the hard cases, then the products of corner values, then the rows of a covering design, then
/// supplementary cases.
pub struct Stream<'a> {
    /// The function.
    pub function: &'a Function,
    /// What the cases are drawn for, but for the supplementary ones: the function as a whole, or one of its special cases.
    pub sort: Sort,
    /// The combinations of dtypes that cases are drawn from. Not empty.
    pub combinations: Vec<Combination>,
    /// The index of each of them among all combinations of the function.
    cells: Vec<usize>,
    pub(super) spec: &'a Spec,
    pub(super) profile: &'a BackendProfile,
    pub(super) name: String,
    pub(super) budget: Budget,
    /// The number of combinations in which all operands have the same dtype. They come first.
    pub(super) uniform: usize,
    /// The hard cases: the index of a combination, and one element for each operand.
    hard: Vec<(usize, Vec<Element>)>,
    /// For a special case: operands that fulfil its condition, by combination.
    witnesses: Vec<&'a [Vec<Element>]>,
    /// The blocks, without the supplementary ones.
    blocks: Vec<Planned>,
    /// Whether a special case of the function depends on the sign of NaN. A step that makes a layout may change that sign, so an array that
    /// is not contiguous holds no NaN then.
    reads_nan_signs: bool,
    plan: Mutex<Plan>,
    supplements: OnceLock<Supplements>,
}

/// The supplementary blocks: for combinations of dtypes and forms of call that the rows have too few cases of, or none.
struct Supplements {
    /// The number of cases of each: [`FLOOR`], or fewer in a small run.
    cases: u64,
    /// The combination and form of each, by index among [`Stream::combinations_and_forms`].
    of: Vec<u64>,
}

/// The rows that were planned so far.
#[derive(Default)]
struct Plan {
    design: Design,
    rows: Vec<Row>,
    /// The number of cases that can show each property, by combination and form. Only [`FLOOR`] of each block count.
    drawn: Vec<((usize, CallForm), u64)>,
}

/// A block of a stream.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Planned {
    /// The index of its first case.
    first: u64,
    /// The number of its cases.
    cases: u64,
    /// The index of the combination of dtypes.
    combination: usize,
    purpose: Purpose,
}

/// What a block is drawn for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Purpose {
    /// A hard case: its index among the hard cases, and which of its three shapes it has.
    Hard(usize, u64),
    /// The corner values.
    Corners(Corners),
    /// Vectors of this length.
    Long(usize),
    /// A row, by its index.
    Row(usize),
}

/// Which corner values of the operands meet.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Corners {
    /// Every corner value of an operand meets every one of the others.
    All,
    /// The operand with this index is an array of rank zero. Its one element meets every corner value of the others.
    Beside(usize),
    /// As `All`, but the operand with this index is left out of the call.
    Without(usize),
    /// Some operands are Python scalars, and meet every corner value of the others. The index says which of [`Stream::scalar_choices`] they
    /// are.
    BesideScalars(usize),
}

/// The factor that says which form a call has. Its levels are those of [`CallForm::ALL`].
const FORM: Factor = Factor { of: 0, name: "form" };

/// So many of the first rows of a function have one case each.
const SINGLE_ROWS: u64 = 256;

/// The number of cases of a later row of a function, which differ in their elements alone.
const LONG_ROW: u64 = 16;

/// A special case has one in so many of the cases of a function, because it also stands among the corner values.
const SPECIAL_SHARE: u64 = 2;

/// A row of a special case has at most so many cases. It has fewer if there would be no row for some combination of dtypes otherwise.
const SPECIAL_ROW: u64 = 4;

/// The number of cases with corner values, if the library declares the shapes that it takes. Else they are elements of one array.
const CORNER_CASES: u64 = 16;

/// The number of witnesses of each special case that stand beside the corner values.
const WITNESSES: usize = 8;

/// The lengths of long arrays: above the sizes at which implementations change to other loops, fill their buffers again, or divide the work
/// among threads.
const LONG: [usize; 2] = [1025, 40_961];

/// The length of the vectors of each dtype: a loop over a buffer of 8,192 elements begins anew.
const LONG_OF_EACH: usize = 8193;

/// How often a supplementary block is drawn again if one of its arrays is empty.
const REDRAWS: usize = 32;

/// The streams of a function for a profile. Empty if the profile has none of the function's dtypes.
pub fn streams<'a>(
    spec: &'a Spec,
    function: &'a Function,
    profile: &'a BackendProfile,
    budget: Budget,
    wanted: &dyn Fn(Sort) -> bool,
) -> Vec<Stream<'a>> {
    // The special cases of an operator are drawn in its own stream.
    let rules = if function.operator.is_none() { function.rules.len() } else { 0 };
    let sorts = std::iter::once(Sort::Plain).chain((0..rules).map(Sort::Special));
    sorts.filter(|sort| wanted(*sort)).filter_map(|sort| Stream::new(spec, function, profile, budget, sort)).collect()
}

impl<'a> Stream<'a> {
    fn new(spec: &'a Spec, function: &'a Function, profile: &'a BackendProfile, budget: Budget, sort: Sort) -> Option<Stream<'a>> {
        let rule = rule_of(function, sort);
        let of_rule = rule.map_or_else(String::new, |rule| format!("::special/{}", rule.slug));
        let name = format!("{}/{}{of_rule}", function.category, function.name);
        let (mut cells, mut combinations): (Vec<usize>, Vec<Combination>) =
            operand_combinations(spec, function, profile).into_iter().enumerate().unzip();
        let mut witnesses = Vec::new();
        if let Some(rule) = rule {
            let mut at = cells.into_iter();
            cells = Vec::new();
            combinations.retain(|c| {
                let cell = at.next();
                if c.dtypes.iter().any(|d| *d != c.common) || !rule.dtypes.contains(c.common) {
                    return false;
                }
                let found = rule.witnesses(spec, function, c.common);
                let any = !found.is_empty();
                if any {
                    witnesses.push(found);
                    cells.extend(cell);
                }
                any
            });
        }
        if combinations.is_empty() {
            return None;
        }
        let uniform = combinations.iter().take_while(|c| c.dtypes.iter().all(|d| *d == c.common)).count();
        let (budget, hard) = match rule {
            None => (budget, hard_cases(function, &combinations[..uniform])),
            Some(_) => (Budget { cases: budget.cases.div_ceil(SPECIAL_SHARE), ..budget }, Vec::new()),
        };
        let reads_nan_signs =
            function.rules.iter().any(|rule| combinations[..uniform].iter().any(|c| reads_nan_sign(spec, function, rule, c.common)));
        let mut stream = Stream {
            reads_nan_signs,
            function,
            sort,
            combinations,
            cells,
            spec,
            profile,
            name,
            budget,
            uniform,
            hard,
            witnesses,
            blocks: Vec::new(),
            plan: Mutex::default(),
            supplements: OnceLock::new(),
        };
        stream.blocks = stream.lay_out();
        Some(stream)
    }

    /// The name of the stream, which is part of every seed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The values and shapes that do not come back from the library unchanged.
    pub fn losses(&self) -> &'a Losses {
        &self.profile.losses
    }

    /// The spec.
    pub fn spec(&self) -> &'a Spec {
        self.spec
    }

    /// How many levels of the factors, and how many pairs of levels, the rows drawn so far have met.
    pub fn covered(&self) -> Covered {
        self.plan().design.covered()
    }

    /// Whether the rows make all pairs of levels.
    pub fn makes_all_pairs(&self) -> bool {
        let mut plan = self.plan();
        while self.row_block(plan.rows.len()).is_some() && (plan.rows.is_empty() || !plan.design.is_complete()) {
            self.plan_row(&mut plan);
        }
        plan.design.is_complete()
    }

    /// The special case that the stream is about.
    pub fn rule(&self) -> Option<&'a Rule> {
        rule_of(self.function, self.sort)
    }

    /// A case.
    pub fn case(&self, CaseId { sort, number }: CaseId) -> Call<'a> {
        if sort == Sort::Supplement {
            return self.draw_supplement(number / FLOOR, self.supplements().cases).case((number % FLOOR) as usize);
        }
        let planned = self.planned(number);
        self.draw(planned).case((number - planned.first) as usize)
    }

    /// The number of blocks. Some at the end may turn out not to be needed.
    pub fn blocks(&self) -> u64 {
        let supplements = if self.sort == Sort::Plain { self.combinations_and_forms().len() as u64 } else { 0 };
        self.blocks.len() as u64 + supplements.min(self.budget.cases)
    }

    /// The block `n`, and its first case. `None` if the block is not needed.
    pub fn block(&self, n: u64) -> Option<(CaseId, CaseBlock<'a>)> {
        if let Some(planned) = self.blocks.get(n as usize) {
            return Some((self.sort.nth(planned.first), self.draw(planned)));
        }
        let Supplements { cases, of } = self.supplements();
        let nth = *of.get(n as usize - self.blocks.len())?;
        Some((Sort::Supplement.nth(nth * FLOOR), self.draw_supplement(nth, *cases)))
    }

    /// The index of the combination of a case.
    pub fn combination_of(&self, CaseId { sort, number }: CaseId) -> usize {
        match sort {
            Sort::Supplement => self.combinations_and_forms()[(number / FLOOR) as usize].0,
            Sort::Chained => (number % self.uniform as u64) as usize,
            _ => self.planned(number).combination,
        }
    }

    /// The index of the combination of a case among all combinations of the function.
    pub fn cell_of(&self, id: CaseId) -> usize {
        self.cells[self.combination_of(id)]
    }

    /// The cells that the cases count for: each the index of a combination among all combinations of the function.
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// Whether a block counts for a cell.
    pub fn reaches(&self, cell: usize) -> bool {
        self.blocks.iter().any(|planned| self.cells[planned.combination] == cell)
    }

    /// The number of the cases before those of the rows.
    pub fn before_rows(&self) -> u64 {
        self.row_block(0).map_or(0, |row| row.first)
    }

    /// Whether calls on a combination may have this form.
    pub fn allows(&self, combination: usize, form: CallForm) -> bool {
        self.combinations_and_forms().contains(&(combination, form))
    }

    /// Whether a Python complex may meet the real arrays of a combination.
    pub fn takes_complex(&self, combination: &Combination) -> bool {
        self.function.complex_scalars_since().is_some()
            && combination.common.kind() == Kind::RealFloating
            && combination.dtypes.iter().all(|d| *d == combination.common)
            && self.profile.dtypes.contains(&combination.common.complex())
    }

    // Blocks and their indices

    /// The block of a case.
    fn planned(&self, index: u64) -> &Planned {
        let after = self.blocks.partition_point(|planned| planned.first <= index);
        &self.blocks[after.saturating_sub(1)]
    }

    /// The block of a row.
    fn row_block(&self, row: usize) -> Option<&Planned> {
        let before = self.blocks.partition_point(|planned| !matches!(planned.purpose, Purpose::Row(_)));
        self.blocks.get(before + row)
    }

    /// The blocks in their order.
    fn lay_out(&self) -> Vec<Planned> {
        let mut blocks: Vec<Planned> = Vec::new();
        let mut add = |cases: u64, combination: usize, purpose: Purpose| {
            let first = blocks.last().map_or(0, |last| last.first + last.cases);
            blocks.push(Planned { first, cases, combination, purpose });
        };
        for (hard, (combination, _)) in self.hard.iter().enumerate() {
            (0..3).for_each(|shape| add(1, *combination, Purpose::Hard(hard, shape)));
        }
        if self.sort == Sort::Plain {
            let cases = if self.profile.shapes.is_empty() { 1 } else { CORNER_CASES };
            for combination in 0..self.combinations.len() {
                add(cases, combination, Purpose::Corners(Corners::All));
                if combination >= self.uniform {
                    // Some libraries promote an operand of rank zero in another way.
                    self.singles().for_each(|single| add(cases, combination, Purpose::Corners(Corners::Beside(single))));
                }
            }
            for absent in (0..self.function.operands.len()).filter(|k| self.function.operands[*k].optional) {
                (0..self.uniform).for_each(|combination| add(cases, combination, Purpose::Corners(Corners::Without(absent))));
            }
            for choice in 0..self.scalar_choices().len() {
                let takes = |combination: &usize| self.forms(*combination)[form_level(CallForm::Scalar)] > 0;
                let taking = (0..self.uniform).filter(takes);
                taking.for_each(|combination| add(cases, combination, Purpose::Corners(Corners::BesideScalars(choice))));
            }
            // A library that declares its shapes gets no others.
            for (nth, length) in LONG.iter().enumerate().filter(|_| self.profile.shapes.is_empty() && self.uniform > 0) {
                // Which dtypes are long depends on the function, so that a run has all of them.
                let combination = seed_for(self.budget.seed, &self.name, nth as u64) % self.uniform as u64;
                add(1, combination as usize, Purpose::Long(*length));
            }
            if self.profile.shapes.is_empty() && self.function.operator.is_none() {
                (0..self.uniform).for_each(|combination| add(1, combination, Purpose::Long(LONG_OF_EACH)));
            }
        }
        let (singles, long) = self.pattern();
        let mut left = self.budget.cases;
        for (row, combination) in self.share_out_rows().into_iter().enumerate() {
            let cases = if (row as u64) < singles { 1 } else { long.min(left) };
            left -= cases;
            add(cases, combination, Purpose::Row(row));
        }
        blocks
    }

    /// The operands that may have rank zero beside others that have axes. The first operand of an in-place operator keeps its axes.
    fn singles(&self) -> Range<usize> {
        let may_lack_axes = self.profile.shapes.is_empty() || self.profile.shapes.iter().any(Vec::is_empty);
        let first = usize::from(self.function.is_operator(OperatorForm::InPlace));
        if may_lack_axes { first..self.function.operands.len().max(first) } else { 0..0 }
    }

    /// The number of rows with one case, and the number of cases of a later row.
    fn pattern(&self) -> (u64, u64) {
        let cases = self.budget.cases;
        match self.sort {
            Sort::Plain => (cases.min(SINGLE_ROWS), LONG_ROW),
            _ => {
                let turns = if self.uniform > 0 { self.uniform } else { self.combinations.len() };
                (0, (cases / turns.max(1) as u64).clamp(1, SPECIAL_ROW))
            }
        }
    }

    /// The combination of each row. The combinations of one dtype take turns, and so do the others. Rows of one case have either by turns,
    /// so that each combination meets what the factors of a row offer. The long rows have operands of one dtype.
    fn share_out_rows(&self) -> Vec<usize> {
        let ((singles, long), cases) = (self.pattern(), self.budget.cases);
        let rows = singles + (cases - singles).div_ceil(long);
        let mut uniform = (0..self.uniform).cycle();
        let mut mixed = (self.uniform..self.combinations.len()).cycle();
        let next = |row: u64| {
            let kind = if row < singles && row % 2 == 1 { &mut mixed } else { &mut uniform };
            // If there are only combinations of the other kind, they take all rows.
            kind.next().or_else(|| uniform.next()).or_else(|| mixed.next())
        };
        (0..rows).filter_map(next).collect()
    }

    // Supplements

    /// Each combination of dtypes with each form of call that it allows. The combinations of one dtype come first.
    fn combinations_and_forms(&self) -> Vec<(usize, CallForm)> {
        let all = (0..self.combinations.len()).flat_map(|c| CallForm::ALL.map(|form| (c, form)));
        all.filter(|(c, form)| self.forms(*c)[form_level(*form)] > 0).collect()
    }

    /// The forms that calls on a combination may have, as the weights of the levels of [`FORM`].
    fn forms(&self, combination: usize) -> [usize; 3] {
        let takes_scalars = self.function.scalars_since().is_some() && combination < self.uniform;
        let takes_complex = takes_scalars && self.takes_complex(&self.combinations[combination]);
        [5, if takes_scalars { 2 } else { 0 }, usize::from(takes_complex)]
    }

    /// The supplementary blocks. At most as many supplementary cases are drawn as other cases, so that a small run stays small.
    fn supplements(&self) -> &Supplements {
        self.supplements.get_or_init(|| {
            let mut plan = self.plan();
            while self.row_block(plan.rows.len()).is_some() {
                self.plan_row(&mut plan);
            }
            let count = |of: &(usize, CallForm)| plan.drawn.iter().find(|(other, _)| other == of).map_or(0, |(_, count)| *count);
            let drawn: Vec<u64> = self.combinations_and_forms().iter().map(count).collect();
            let short = |least: u64| (0..).zip(&drawn).filter(move |(_, drawn)| **drawn < least).map(|(at, _)| at);
            let has_room = |cases: &u64| cases * short(*cases).count() as u64 <= self.budget.cases;
            let cases = (1..=FLOOR).rev().find(has_room).unwrap_or(1);
            Supplements { cases, of: short(cases).take((self.budget.cases / cases) as usize).collect() }
        })
    }

    /// Draws a supplementary block. Its arrays are not empty, so that all properties are judged.
    fn draw_supplement(&self, nth: u64, cases: u64) -> CaseBlock<'a> {
        let (combination, form) = self.combinations_and_forms()[nth as usize];
        let seed = seed_for(self.budget.seed, &format!("{}::supplement", self.name), nth);
        let mut random = Random::following(seed, &vec![(FORM, form_level(form))]);
        let mut case = self.draw_any(combination, cases as usize, &mut random);
        for _ in 0..REDRAWS {
            if case.laid().all(|(array, _)| !array.is_empty()) {
                break;
            }
            random = Random::following(random.next(), &vec![(FORM, form_level(form))]);
            case = self.draw_any(combination, cases as usize, &mut random);
        }
        case.returns_inputs = true;
        case.replace_lost_operands(&self.profile.losses);
        let mut block = CaseBlock::new(case, cases as usize, Vec::new());
        block.stacked.make_defined(self.spec, self.function);
        block
    }

    // Rows

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans the next row, and draws it.
    fn plan_row(&self, plan: &mut Plan) -> Call<'a> {
        let nth = plan.rows.len();
        let Planned { combination, cases, .. } = *self.row_block(nth).expect("rows are planned for blocks");
        let row = plan.design.propose(&[(DTYPES, combination)], seed_for(self.budget.seed, &self.name, nth as u64));
        let (case, taken) = self.draw_row(nth, &row);
        plan.design.take(&row, &taken);
        let form = case.form();
        if case.laid().all(|(array, _)| !array.is_empty()) {
            let runs = cases.min(FLOOR);
            match plan.drawn.iter_mut().find(|(of, _)| *of == (combination, form)) {
                Some((_, count)) => *count += runs,
                None => plan.drawn.push(((combination, form), runs)),
            }
        }
        plan.rows.push(row);
        case
    }

    /// Draws a row, and returns the levels that it took.
    fn draw_row(&self, nth: usize, row: &Row) -> (Call<'a>, Vec<Choice>) {
        let Planned { first, cases, combination, .. } = *self.row_block(nth).expect("rows are planned for blocks");
        let mut random = Random::following(seed_for(self.budget.seed, &self.name, first), row);
        random.take(DTYPES, combination, self.combinations.len());
        let case = self.draw_any(combination, cases as usize, &mut random);
        (case, random.taken().to_vec())
    }

    /// The case of a row: all its cases in one. The rows before it are planned first, because each depends on them.
    fn row(&self, nth: usize) -> Call<'a> {
        let mut plan = self.plan();
        while plan.rows.len() < nth {
            self.plan_row(&mut plan);
        }
        if plan.rows.len() == nth { self.plan_row(&mut plan) } else { self.draw_row(nth, &plan.rows[nth]).0 }
    }

    /// The operands of a hard case.
    fn draw_hard(&self, combination: &Combination, elements: &[Element], shape: u64, random: &mut Random) -> Call<'a> {
        let operands = elements
            .iter()
            .enumerate()
            .map(|(k, element)| {
                // Single elements, a vector and single elements, or vectors long enough for vectorised loops.
                let shape = match (shape, k) {
                    (1, 0) => vec![3],
                    (2, _) => vec![19],
                    _ => vec![],
                };
                let dtype = combination.dtypes[k];
                let count = shape.iter().product();
                let array = Array::from_elements(dtype, stacked(1, &shape), std::iter::repeat_n(*element, count));
                Operand { form: self.form(k, random), ..Operand::array(array) }
            })
            .collect::<Vec<_>>();
        Call::of_operands(self.function, operands)
    }

    /// The operands of long vectors, each with the elements that its vector repeats.
    fn draw_long(&self, combination: usize, random: &mut Random) -> Call<'a> {
        let operand = |(k, dtype): (usize, &DType)| {
            let pattern: Vec<Element> = (0..PERIOD).map(|_| element(random, *dtype)).collect();
            let array = Array::from_elements(*dtype, stacked(1, &[PERIOD]), pattern);
            let writes = k == 0 && self.function.is_operator(OperatorForm::InPlace);
            let layout = Some(self.layout(&[PERIOD], random));
            let layout = layout.filter(|layout| !writes && !layout.repeats() && !self.reads_nan_signs);
            Operand { layout: layout.unwrap_or(Layout::Contiguous), form: self.form(k, random), ..Operand::array(array) }
        };
        Call::of_operands(self.function, self.combinations[combination].dtypes.iter().enumerate().map(operand))
    }

    /// Draws a block.
    fn draw(&self, &Planned { first, cases, combination, purpose }: &Planned) -> CaseBlock<'a> {
        let mut random = Random::new(seed_for(self.budget.seed, &self.name, first));
        let runs = cases as usize;
        let mut targets = Vec::new();
        let mut case = match (purpose, self.sort) {
            (Purpose::Hard(hard, shape), _) => self.draw_hard(&self.combinations[combination], &self.hard[hard].1, shape, &mut random),
            (Purpose::Corners(kind), _) => self.draw_corners(combination, kind, runs, &mut random),
            (Purpose::Long(_), _) => self.draw_long(combination, &mut random),
            (Purpose::Row(row), Sort::Plain) => self.row(row),
            (Purpose::Row(_), _) => {
                let (case, drawn) = self.draw_special(&self.combinations[combination], self.witnesses[combination], runs, &mut random);
                targets = drawn;
                case
            }
        };
        case.returns_inputs = self.sort == Sort::Plain && !matches!(purpose, Purpose::Long(_));
        if !self.profile.losses.values.is_empty() {
            let drawn = case.clone();
            case.replace_lost_operands(&self.profile.losses);
            self.keep_targets(&drawn, &case, &mut targets);
        }
        let mut block = CaseBlock::new(case, runs, targets);
        block.stacked.make_defined(self.spec, self.function);
        if let Purpose::Long(length) = purpose {
            block.lengthen(length);
        }
        block
    }

    /// The operands of a row. Each array holds the arrays of all cases, stacked along a first axis.
    fn draw_any(&self, combination: usize, runs: usize, random: &mut Random) -> Call<'a> {
        let operands = &self.function.operands;
        let in_place = self.function.is_operator(OperatorForm::InPlace);
        let form = CallForm::ALL[random.pick(FORM.name, &self.forms(combination))];
        let combination = &self.combinations[combination];
        let may_be_one = form == CallForm::Arrays && operands.len() == 2 && combination.dtypes[0] == combination.dtypes[1];
        let mut shapes = self.profile.operand_shapes(operands.len(), in_place, random);
        // The standard does not say what becomes of a view if the array is written to.
        let may_overlap = may_be_one && !in_place && runs == 1 && self.profile.makes_overlapping(&shapes[0]);
        let weights = [14, 2, 2 * usize::from(may_overlap)];
        let sharing = if may_be_one { Sharing::draw(random, weights) } else { Sharing::Apart };
        if sharing == Sharing::Overlapping {
            shapes[1] = shapes[0].clone();
        }
        let choices = if form == CallForm::Arrays { Vec::new() } else { self.scalar_choices() };
        let scalars = match choices.as_slice() {
            [] => &[][..],
            [only] => only,
            several => &several[random.pick_below("scalar operands", several.len())],
        };
        let mut drawn: Vec<Operand> = Vec::with_capacity(operands.len());
        for (i, (operand, dtype)) in operands.iter().zip(&combination.dtypes).enumerate() {
            random.turn_to(i + 1);
            let form_of = self.form(i, random);
            let own = if operand.optional && !scalars.contains(&i) && random.pick_yes("absent", 3) {
                Operand { given: None, layout: Layout::Contiguous, form: form_of }
            } else if scalars.contains(&i) {
                let near = drawn.iter().find_map(|operand| operand.given.as_ref()?.leaf()).filter(|array| !array.is_empty());
                let near = near.filter(|_| random.pick_yes("related scalar", 2));
                let scalar = match (form, near) {
                    (CallForm::ComplexScalar, _) => Scalar::Complex(element(random, dtype.complex()).components()),
                    (_, Some(array)) => {
                        let of = array.get(random.below(array.len()));
                        scalar_beside(random, *dtype, of)
                    }
                    _ => scalar_of(random, *dtype),
                };
                let scalar = match scalar {
                    // Where the result is open for some operands, rounding does not decide for which.
                    Scalar::Float(v) if *dtype == DType::Float32 && self.function.unspecified.is_some() => {
                        Scalar::Float(f64::from(v as f32))
                    }
                    scalar => scalar,
                };
                Operand { given: Some(Given::Scalar(scalar)), layout: Layout::Contiguous, form: form_of }
            } else {
                let (array, layout) = self.draw_array(*dtype, &shapes[i], runs, &drawn, random);
                // The standard does not say whether a library may refuse to write to a view.
                let layout = if i == 0 && in_place { Layout::Contiguous } else { layout };
                Operand { layout, form: form_of, ..Operand::array(array) }
            };
            drawn.push(own);
        }
        if sharing == Sharing::OneObject {
            (drawn[1].given, drawn[1].layout) = (drawn[0].given.clone(), drawn[0].layout);
        }
        let mut call = Call { sharing, ..Call::of_operands(self.function, drawn) };
        if sharing == Sharing::Overlapping {
            call.let_overlap(0, 1, shapes[0][0]);
        }
        call
    }

    /// An array operand. Its elements may be related to those of an operand that was drawn before.
    fn draw_array(&self, dtype: DType, shape: &[usize], runs: usize, before: &[Operand], random: &mut Random) -> (Array, Layout) {
        let arrays = before.iter().rev().filter_map(|operand| operand.given.as_ref()?.leaf());
        let mut fitting = arrays.filter(|array| if array.dtype == dtype { array.shape[1..] == *shape } else { !array.is_empty() });
        let near = fitting.next();
        let near = near.filter(|array| random.pick_yes("related", if array.dtype == dtype { 4 } else { 2 }));
        let each = shape.iter().product::<usize>().max(1);
        self.arrays(dtype, shape, runs, random, |random, k| match near {
            Some(array) if array.dtype == dtype => related(random, array.get(k)),
            Some(array) => {
                // Any element of the same run.
                let of_run = array.len() / runs;
                let other = array.get(k / each * of_run + random.below(of_run));
                alike(random, other, array.dtype, dtype)
            }
            None => element(random, dtype),
        })
    }

    /// An array operand, stacked for all runs, with elements from `draw`.
    fn arrays(
        &self,
        dtype: DType,
        shape: &[usize],
        runs: usize,
        random: &mut Random,
        mut draw: impl FnMut(&mut Random, usize) -> Element,
    ) -> (Array, Layout) {
        let layout = self.layout(shape, random);
        let total: usize = shape.iter().product();
        let mut elements: Vec<Element> = (0..runs * total).map(|k| draw(random, k)).collect();
        if layout != Layout::Contiguous && self.reads_nan_signs {
            elements.iter_mut().filter(|x| with_other_nans(**x).is_some()).for_each(|x| *x = Element::Int(1).cast(dtype));
        }
        for run in elements.chunks_exact_mut(total.max(1)).filter(|_| layout.repeats()) {
            (0..total).for_each(|k| run[k] = run[layout.stored(shape, k)]);
        }
        (Array::from_elements(dtype, stacked(runs, shape), elements), layout)
    }

    fn layout(&self, shape: &[usize], random: &mut Random) -> Layout {
        // A special case is about elements, so layouts matter less.
        let one_in = if self.sort == Sort::Plain { 4 } else { 8 };
        self.profile.layout(shape, one_in, random)
    }

    /// How an operand is passed.
    fn form(&self, operand: usize, random: &mut Random) -> ArgForm {
        let name = &self.function.operands[operand].name;
        let kind = self.function.signature.parameters.iter().find(|p| p.name == *name).map(|p| p.kind);
        match kind {
            Some(ParameterKind::PositionalOnly) | None => ArgForm::Positional,
            Some(ParameterKind::KeywordOnly) => ArgForm::Keyword,
            Some(_) => [ArgForm::Positional, ArgForm::Keyword][random.pick_below("keyword", 2)],
        }
    }
}

/// The special case that cases of a sort are drawn for.
fn rule_of(function: &Function, sort: Sort) -> Option<&Rule> {
    if let Sort::Special(rule) = sort { function.rules.get(rule) } else { None }
}

/// The level of the factor [`FORM`].
fn form_level(form: CallForm) -> usize {
    CallForm::ALL.iter().position(|other| *other == form).unwrap_or_default()
}

/// The shape of arrays that hold all runs, stacked along a first axis.
fn stacked(runs: usize, shape: &[usize]) -> Vec<usize> {
    std::iter::once(runs).chain(shape.iter().copied()).collect()
}

/// Whether a special case speaks of a NaN of one sign and not of the same with the other sign.
fn reads_nan_sign(spec: &Spec, function: &Function, rule: &Rule, dtype: DType) -> bool {
    let with_nan = |witness: &&Vec<Element>| witness.iter().any(|x| with_other_nans(*x).is_some());
    let mut witnesses = rule.witnesses(spec, function, dtype).iter().filter(with_nan).take(WITNESSES);
    witnesses.any(|witness| {
        let mirrored: Vec<Element> = witness.iter().map(|x| with_other_nans(*x).unwrap_or(*x)).collect();
        rule.claim(spec, function, dtype, &mirrored) != rule.claim(spec, function, dtype, witness)
    })
}

/// The hard cases of a function, on each combination of one dtype that can hold their elements.
fn hard_cases(function: &Function, combinations: &[Combination]) -> Vec<(usize, Vec<Element>)> {
    let mut out = Vec::new();
    for values in &function.hard {
        let numbers: Option<Vec<Num>> = values.iter().map(|expr| expr.eval(&NoNames).ok()).collect();
        let Some(numbers) = numbers else { continue };
        for (c, combination) in combinations.iter().enumerate() {
            let elements: Option<Vec<Element>> = numbers.iter().map(|n| held(*n, combination.common)).collect();
            out.extend(elements.map(|elements| (c, elements)));
        }
    }
    out
}

/// A number as an element of `dtype`. Floats are rounded. `None` if the dtype has another kind or too small a range.
fn held(number: Num, dtype: DType) -> Option<Element> {
    let (re, im) = number.components();
    match (number, dtype.integer_range()) {
        (Num::Int(v), Some((low, high))) => (low <= v && v <= high).then_some(Element::Int(v)),
        (_, Some(_)) => None,
        _ if dtype == DType::Bool || im != 0.0 && !dtype.is_complex() => None,
        _ => Some(Element::C128(re, im).cast(dtype)),
    }
}

/// The combinations of dtypes of a function's operands. Those of one dtype come first.
pub fn operand_combinations(spec: &Spec, function: &Function, profile: &BackendProfile) -> Vec<Combination> {
    let operands = &function.operands;
    let has = |k: usize, d: DType| operands[k].dtypes.contains(d) && profile.dtypes.contains(&d);
    let build = |dtypes: Vec<DType>| Combination::new(spec, function, dtypes);
    let mut out: Vec<Combination> =
        DType::ALL.into_iter().filter(|d| (0..operands.len()).all(|k| has(k, *d))).filter_map(|d| build(vec![d; operands.len()])).collect();
    if operands.len() == 2 && operands[1].same_as.is_none() {
        for a in DType::ALL {
            out.extend(DType::ALL.into_iter().filter(|b| a != *b && has(0, a) && has(1, *b)).filter_map(|b| build(vec![a, b])));
        }
        // The result of an operator in place has the dtype of the array that it changes.
        if function.is_operator(OperatorForm::InPlace) {
            out.retain(|combination| combination.common == combination.dtypes[0]);
        }
    }
    out.retain(|combination| !profile.is_missing(combination.common));
    out
}

#[cfg(test)]
mod tests;
