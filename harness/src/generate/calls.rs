//! Streams of calls of functions that are not element-wise, drawn from the domains of their parameters.

use std::sync::{Mutex, MutexGuard, PoisonError};

use array_assay_format::{Covered, FLOOR, Revision};
use array_assay_interface::{Array, DType, Defaults, ParameterKind, Scalar};
use array_assay_oracle::call::{self as oracle, Expectation, Given, Semantics, Undefined, semantics};
use array_assay_spec::expr::Expr;
use array_assay_spec::shape::Value;
use array_assay_spec::{Domain, DtypeRelation, DtypeRule, Function, OpenCall, Raise, Results, Spec, Values};

use super::arguments::{Draw, Drawn};
use super::call::{ArgForm, Call, dtypes_in, dtypes_of};
use super::combination::{CallCell, Combination, label};
use super::design::{Choice, DTYPES, Design, Row};
use super::facts::{Facts, holds_all};
use super::id::{Schedule, Sort};
use super::invalid::invalidate;
use super::layout::Layout;
use super::profile::{BackendProfile, Excused};
use super::sharing::Sharing;
use super::values::{Random, seed_for};

/// A call, and what the standard says of it.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The call.
    pub call: Call<'a>,
    /// What the call has to return.
    pub expectation: Expectation,
    /// The aspects of the function whose condition the call fulfils, by index.
    pub aspects: Vec<usize>,
    /// The clauses of the function whose condition the call fulfils, by index.
    pub clauses: Vec<usize>,
    /// The result's dtype by the rules of earlier revisions.
    pub earlier: Vec<(Revision, DType)>,
    /// The dtypes among the arguments that came later than those of the combination. Such a case has its own cell.
    pub later: Vec<DType>,
    /// Why the library may refuse the call, if it may: the call needs something that the library lacks.
    pub excused: Option<&'a str>,
    /// If a dtype of the call or its result is unusable: the reason.
    pub unusable: Option<&'a str>,
    /// Whether the text lets the library choose to raise.
    pub refusable: bool,
}

impl<'a> Case<'a> {
    /// A case of which the standard says no more than this.
    pub fn bare(call: Call<'a>, expectation: Expectation) -> Case<'a> {
        let (aspects, clauses, earlier, later) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Case { call, expectation, aspects, clauses, earlier, later, excused: None, unusable: None, refusable: false }
    }
}

/// A case that is judged by other means than an expectation of the whole result, such as element by element.
impl<'a> From<Call<'a>> for Case<'a> {
    fn from(call: Call<'a>) -> Case<'a> {
        Case::bare(call, Expectation::Anything)
    }
}

/// The calls of one function.
pub struct CallStream<'a> {
    /// The function.
    pub function: &'a Function,
    /// The combinations of dtypes that calls are drawn from. Not empty.
    pub combinations: Vec<Combination>,
    pub(super) spec: &'a Spec,
    pub(super) profile: &'a BackendProfile,
    pub(super) name: String,
    semantics: Semantics,
    /// The calls that the library may refuse, because it lacks what they need.
    excuses: Vec<Excused<'a>>,
    plan: Mutex<Plan>,
}

/// The rows of a covering design that the first cases follow, as far as they were planned.
#[derive(Default)]
struct Plan {
    seed: u64,
    design: Design,
    rows: Vec<Row>,
    /// The number of rows after which all pairs of levels were met for the first time.
    until_all_pairs: Option<usize>,
}

/// No limit to the lengths of axes.
const ANY_SIZE: usize = usize::MAX;

/// One in this many cases is drawn for each clause whose calls have to raise, as many to see whether calls copy, and as many after a call
/// chain.
const SHARE: u32 = 20;

/// The greatest length of an axis in a call that has to raise. Such calls are shown as they are drawn.
pub const RAISE_SIZE: usize = 3;

/// The greatest length of an axis in a call that shows whether it copies.
const COPY_SIZE: usize = 3;

/// The greatest length of an axis of the arrays that are drawn beside a given one.
const ON_SIZE: usize = 4;

/// How many combinations lie between two without a dtype, for a function that takes the dtype as an argument.
const DTYPES_BETWEEN: usize = 4;

/// A run with fewer cases draws no more of them than are asked for: it is made for a library that is slow.
const SMALL_RUN: u64 = 200;

/// How often a case is drawn before it is given up. The first arguments may leave no legal one for a later parameter.
const ATTEMPTS: u64 = 16;

/// How many of these draws follow the row of the design. The others are free.
const FOLLOWING: u64 = 8;

/// The greatest number of rows that a design has.
const MOST_ROWS: usize = 1000;

/// The lengths of long arrays: above the sizes at which implementations change to other algorithms, or begin a loop over a buffer anew.
const LONG: [usize; 6] = [65, 129, 257, 1025, 2049, 8193];

/// Only reductions are called with all of these lengths. Other functions are called with so many of them, because a library may need time
/// that grows with the square of the length.
const LONG_OF_OTHERS: usize = 5;

/// For each time that so many cases are asked for, a function is called with each of these lengths once more.
const LONG_SHARE: u32 = 100;

/// The greatest number of arrays that a call with a long array returns.
const MOST_RESULTS: usize = 64;

/// A small run has at least this many calls for each clause whose calls have to raise, as many that show whether calls copy, and as many after
/// a call chain, if that many cases are asked for.
const SHARE_LEAST: u32 = 6;

impl Plan {
    /// Whether so many rows were planned that no others are.
    fn is_full(&self) -> bool {
        self.rows.len() >= MOST_ROWS
    }
}

impl<'a> CallStream<'a> {
    /// The stream of a function for a profile. `None` if the profile has none of the function's dtypes.
    pub fn new(spec: &'a Spec, function: &'a Function, profile: &'a BackendProfile) -> Option<CallStream<'a>> {
        let combinations = combinations(spec, function, profile);
        let name = format!("{}/{}", function.category, function.name);
        let semantics = semantics(&function.oracle_path())?;
        let excuses = profile.excuses(spec, function);
        (!combinations.is_empty()).then_some(CallStream {
            function,
            combinations,
            spec,
            profile,
            name,
            semantics,
            excuses,
            plan: Mutex::default(),
        })
    }

    /// The backend profile that the calls are drawn for.
    pub fn profile(&self) -> &'a BackendProfile {
        self.profile
    }

    /// The exceptions by which any library may refuse any call of the function.
    pub fn refusals(&self) -> impl Iterator<Item = &'a str> {
        let needed = self.spec.capabilities.iter().filter(|c| c.excuses.iter().any(|excuse| excuse.names(self.function)));
        needed.filter_map(|capability| capability.refusal.as_deref())
    }

    /// The index of the combination that a case draws from.
    pub fn combination_of(&self, index: u64) -> usize {
        (index % self.combinations.len() as u64) as usize
    }

    /// The number of cases that are drawn if `asked` are asked for. A function without parameters has one case. If there are many
    /// combinations of dtypes, up to a quarter more cases are drawn, so that each combination has [`FLOOR`] of them. A run that is not small
    /// draws up to twice as many for a function whose choices make many pairs, until all pairs are made.
    pub fn cases(&self, seed: u64, asked: u32) -> u64 {
        let asked = u64::from(asked);
        if self.function.parameters.is_empty() {
            return asked.min(1);
        }
        let enough = FLOOR * self.combinations.len() as u64;
        let for_pairs = if asked < SMALL_RUN { 0 } else { self.rows_for_pairs(seed, (2 * asked).min(MOST_ROWS as u64)) };
        asked.max(enough.min(asked + asked / 4)).max(for_pairs)
    }

    /// The number of calls for each clause whose calls have to raise. As many show whether calls copy, and as many end a call chain.
    pub fn share(asked: u32) -> u64 {
        (asked / SHARE).max(SHARE_LEAST.min(asked)).into()
    }

    /// What its blocks are drawn for, if `asked` cases are asked for.
    pub fn schedule(&self, seed: u64, asked: u32) -> Schedule {
        let share = CallStream::share(asked);
        let raises = (0..self.function.raises.len()).map(|clause| (Sort::Raises(clause), share));
        let copies = self.function.copies().then_some((Sort::Copy, share));
        let own = std::iter::once((Sort::Plain, self.cases(seed, asked)));
        Schedule::new(own.chain(raises).chain(copies).chain([(Sort::Long, self.long_calls(asked)), (Sort::Chained, share)]))
    }

    /// The case `index` under the run's seed. `None` if no call was found for which the standard defines the result.
    pub fn case(&self, seed: u64, index: u64) -> Option<Case<'a>> {
        let mut case = self.row(seed, index)?;
        case.call.returns_inputs = true;
        // The device is asked for in the first rounds through the combinations of dtypes, and then in one of eight cases. A form of an array
        // that the library declares may lie on other devices.
        let is_early = index / (self.combinations.len() as u64) < FLOOR;
        case.call.returns_devices = self.profile.tells_device
            && (is_early || Random::new(seed_for(seed, &format!("{}::device", self.name), index)).below(8) == 0)
            && !case.call.layouts.iter().any(|layout| matches!(layout, Layout::Representation(_)))
            && self.function.returns_one_array()
            && self.function.result.observes.is_none();
        Some(case)
    }

    /// How many levels of the factors, and how many pairs of levels, the cases drawn so far have met.
    pub fn covered(&self) -> Covered {
        self.plan().design.covered()
    }

    /// The number of cases until all pairs are made, at most `most`.
    pub fn rows_for_pairs(&self, seed: u64, most: u64) -> u64 {
        if self.function.parameters.is_empty() {
            return 1;
        }
        let mut plan = self.plan_of(seed);
        while plan.until_all_pairs.is_none() && (plan.rows.len() as u64) < most && !plan.is_full() {
            self.plan_row(&mut plan);
        }
        most.min(plan.until_all_pairs.unwrap_or(plan.rows.len()) as u64)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan of a run with this seed.
    fn plan_of(&self, seed: u64) -> MutexGuard<'_, Plan> {
        let mut plan = self.plan();
        if plan.seed != seed {
            *plan = Plan { seed, ..Plan::default() };
        }
        plan
    }

    /// The case of a row. The rows before it are planned first, because each depends on them.
    fn row(&self, seed: u64, index: u64) -> Option<Case<'a>> {
        let mut plan = self.plan_of(seed);
        while (plan.rows.len() as u64) < index && !plan.is_full() {
            self.plan_row(&mut plan);
        }
        match plan.rows.get(index as usize) {
            Some(row) => self.draw_row(seed, index, row).0,
            None if plan.is_full() => self.draw_row(seed, index, &Row::new()).0,
            None => self.plan_row(&mut plan),
        }
    }

    /// Plans the next row, and draws it.
    fn plan_row(&self, plan: &mut Plan) -> Option<Case<'a>> {
        let index = plan.rows.len() as u64;
        let row = plan.design.propose(&[(DTYPES, self.combination_of(index))], seed_for(plan.seed, &self.name, index));
        let (case, taken) = self.draw_row(plan.seed, index, &row);
        plan.design.take(&row, &taken);
        plan.rows.push(row);
        if plan.until_all_pairs.is_none() && plan.design.is_complete() {
            plan.until_all_pairs = Some(plan.rows.len());
        }
        case
    }

    /// Draws the case of a row, and returns the levels that it took.
    fn draw_row(&self, seed: u64, index: u64, row: &Row) -> (Option<Case<'a>>, Vec<Choice>) {
        let combination = self.combination_of(index);
        let seed = seed_for(seed, &self.name, index);
        let free = Row::new();
        let drawn = (0..ATTEMPTS).find_map(|attempt| {
            let row = if attempt < FOLLOWING { row } else { &free };
            let mut random = Random::following(seed.wrapping_add(attempt), row);
            random.take(DTYPES, combination, self.combinations.len());
            let arguments =
                Draw::new(self.spec, self.function, self.profile, &self.combinations[combination], &mut random, ANY_SIZE).arguments()?;
            let case = self.specified(self.repeating(arguments, &mut random))?;
            Some((case, random.taken().to_vec()))
        });
        drawn.map_or((None, Vec::new()), |(case, taken)| (Some(case), taken))
    }

    /// The cell of a case. `combination` is the index of the combination that it was drawn from.
    pub fn cell(&self, combination: usize, case: &Case<'_>) -> CallCell {
        let Combination { label, since, .. } = &self.combinations[combination];
        let (mut label, mut since) = (label.clone(), *since);
        for dtype in &case.later {
            if !label.is_empty() {
                label.push('+');
            }
            label.push_str(dtype.name());
            since = since.max(self.spec.dtypes.since(*dtype));
        }
        CallCell { label, since, combination }
    }

    /// The cell of an invalid call. Its invalid argument may have a dtype that the combination does not have.
    pub fn invalid_cell(&self, combination: usize, case: &Case<'_>) -> CallCell {
        let primary = self.function.primary().and_then(|p| case.call.argument(&p.name));
        let own: Vec<DType> = primary.into_iter().flat_map(dtypes_in).collect();
        let drawn = &self.combinations[combination];
        if own.iter().all(|dtype| drawn.dtypes.contains(dtype)) {
            return self.cell(combination, case);
        }
        let label = label(&own);
        let since = own.iter().map(|dtype| self.spec.dtypes.since(*dtype)).fold(self.function.since, Ord::max);
        CallCell { label, since, combination }
    }

    /// Another case on the same dtypes in which no axis is longer than `size`. It may replace a failing case.
    pub fn smaller(&self, seed: u64, combination: usize, size: usize) -> Option<Case<'a>> {
        self.draw(seed_for(seed, &self.name, size as u64), combination, size)
    }

    /// The `index`-th call that has to raise by one of the function's clauses. `None` if none was found.
    pub fn invalid(&self, seed: u64, raise: &Raise, index: u64, size: Option<usize>) -> Option<Case<'a>> {
        let name = format!("{}::raises/{}", self.name, raise.slug);
        let combination = self.combination_of(index);
        (0..ATTEMPTS).find_map(|attempt| {
            let mut random = Random::new(seed_for(seed, &name, index.wrapping_mul(ATTEMPTS).wrapping_add(attempt)));
            let size = size.unwrap_or(ANY_SIZE);
            let drawn = Draw::new(self.spec, self.function, self.profile, &self.combinations[combination], &mut random, size);
            let mut call = self.passed(drawn.arguments()?, &mut random);
            call.replace_lost(&self.profile.losses);
            // Nothing else may be wrong with the call, because an exception does not show its reason.
            if matches!(self.expectation(&call), Ok(Expectation::Raises) | Err(_)) {
                return None;
            }
            let parameter = self.function.parameters.iter().find(|p| p.name == raise.argument)?;
            invalidate(&mut call, parameter, raise.invalid, self.profile.defaults.index, &mut random)?;
            // The oracle has the last word: the changed call may be legal after all.
            let raises = match self.expectation(&call) {
                Ok(Expectation::Raises) | Err(Undefined::Illegal(_)) => true,
                Err(Undefined::Open) => raise.invalid.leaves_open(),
                Ok(_) => false,
            };
            raises.then(|| Case::bare(call, Expectation::Raises))
        })
    }

    /// The `index`-th call whose result the text leaves open. `None` if none was found.
    pub fn open(&self, seed: u64, open: &OpenCall, index: u64) -> Option<Call<'a>> {
        let parameter = self.function.parameters.iter().find(|p| p.name == open.argument)?;
        let mut random = Random::new(seed_for(seed, &format!("{}::open", self.name), index));
        (0..ATTEMPTS).find_map(|_| {
            let drawn = self.draw(random.next(), self.combination_of(index), ON_SIZE)?;
            let mut call = drawn.call;
            call.returns_inputs = false;
            invalidate(&mut call, parameter, open.invalid, self.profile.defaults.index, &mut random)?;
            Some(call)
        })
    }

    /// A call that must copy or must not copy. [`Call::overwriting`] makes the program that shows whether it did. `None` if none was found.
    pub fn copying(&self, seed: u64, index: u64) -> Option<Case<'a>> {
        let name = format!("{}::copy", self.name);
        let combination = self.combination_of(index);
        let copy = self.function.parameters.iter().find(|p| matches!(p.domain, Domain::Copy {}))?;
        (0..ATTEMPTS).find_map(|attempt| {
            let mut random = Random::new(seed_for(seed, &name, index.wrapping_mul(ATTEMPTS).wrapping_add(attempt)));
            let mut drawn =
                Draw::new(self.spec, self.function, self.profile, &self.combinations[combination], &mut random, COPY_SIZE).arguments()?;
            let arguments = &mut drawn.given;
            let array = arguments.iter().find_map(|(_, given)| if let Given::Array(array) = given { Some(array.clone()) } else { None })?;
            // Another dtype or device would be a reason to copy. A call has one only where it then has to raise.
            let of = |name: &str| self.function.parameters.iter().find(|p| p.name == name).map(|p| &p.domain);
            arguments.retain(|(name, _)| !matches!(of(name), Some(Domain::Device {} | Domain::Copy {})));
            // The flag is drawn. If it followed from the index, it would be the same for all calls on one combination of dtypes.
            let copies = random.below(2) == 0;
            let is_optional =
                self.function.signature.parameters.iter().any(|p| p.name == copy.name && p.default.as_deref() == Some("None"));
            let wider = DType::ALL.into_iter().find(|to| *to != array.dtype && self.spec.dtypes.promote(array.dtype, *to) == Some(*to));
            let wider = wider.filter(|to| self.profile.dtypes.contains(to) && !copies && is_optional && random.below(3) == 0);
            for (name, given) in arguments.iter_mut() {
                if matches!(of(name), Some(Domain::Dtype { .. })) {
                    *given = Given::Dtype(wider.unwrap_or(array.dtype));
                }
            }
            arguments.push((&copy.name, Given::Scalar(Scalar::Bool(copies))));
            let mut call = self.passed(drawn, &mut random);
            // What must not copy a view must not do so silently. Only these layouts have all elements of the array that they are made of.
            let of_all = |layout: &Layout| !copies && matches!(layout, Layout::Transposed(_) | Layout::Reversed(_));
            let layout =
                |array: &&Array| Some(self.profile.layout(&array.shape, 1, &mut random)).filter(of_all).unwrap_or(Layout::Contiguous);
            call.layouts = call.arrays().iter().map(layout).collect();
            call.replace_lost(&self.profile.losses);
            if array.is_empty() {
                return None;
            }
            let excused = self.excuse(&call, &Expectation::Anything);
            Some(Case { excused, ..Case::bare(call, Expectation::Anything) })
        })
    }

    /// The number of calls with long arrays, if so many cases are asked for.
    pub fn long_calls(&self, asked: u32) -> u64 {
        let primary = self.function.primary().map(|p| &p.domain);
        let takes = matches!(primary, Some(Domain::Array { rank: (low, high), values, .. }) if (*low..=*high).contains(&1) && !values.is_of_matrices());
        let calls = self.long_lengths().len() as u64 * u64::from(1 + asked / LONG_SHARE);
        if takes && self.profile.shapes.is_empty() { calls.min(asked.into()) } else { 0 }
    }

    /// The lengths of the long arrays that the function is called with.
    fn long_lengths(&self) -> &'static [usize] {
        let reduces = self.function.parameters.iter().any(|p| matches!(p.domain, Domain::Axes { .. }));
        if reduces { &LONG } else { &LONG[..LONG_OF_OTHERS] }
    }

    /// The `index`-th call with a long array. `None` if every call that was drawn has a result more than twice as long as its arguments, or one
    /// that the standard does not define.
    pub fn long(&self, seed: u64, index: u64) -> Option<Case<'a>> {
        let name = format!("{}::long", self.name);
        let (combination, lengths) = (self.long_combination(seed, index), self.long_lengths());
        (0..ATTEMPTS).find_map(|attempt| {
            let mut random = Random::new(seed_for(seed, &name, index.wrapping_mul(ATTEMPTS).wrapping_add(attempt)));
            let draw = Draw::new(self.spec, self.function, self.profile, &self.combinations[combination], &mut random, ANY_SIZE);
            let length = lengths[index as usize % lengths.len()];
            let drawn = draw.with_length(length).arguments()?;
            if self.most_elements(&drawn.given)? > 2 * length {
                return None;
            }
            let is_short = |case: &Case<'_>| !matches!(&case.expectation, Expectation::Tuple(items) if items.len() > MOST_RESULTS);
            self.specified(self.repeating(drawn, &mut random)).filter(is_short)
        })
    }

    /// The combination of the `index`-th call with a long array. It depends on the function, so that a run has all of them.
    pub fn long_combination(&self, seed: u64, index: u64) -> usize {
        (seed_for(seed, &format!("{}::long dtypes", self.name), index) % self.combinations.len() as u64) as usize
    }

    /// The greatest number of elements of an array that a call takes or returns. `None` if it cannot be told.
    fn most_elements(&self, given: &[(&str, Given)]) -> Option<usize> {
        let taken = given.iter().flat_map(|(_, given)| given.leaves()).map(Array::len).max()?;
        let values: Vec<(&str, Value)> = given.iter().map(|(name, given)| (*name, ruled_value(given))).collect();
        let rules = self.function.result.arrays.iter().flat_map(Results::each);
        rules.map(|rule| rule.shape.shape(&self.function.signature, values.as_slice()).ok()).try_fold(taken, |most, sizes| {
            // A size that depends on the elements is at most that of the argument.
            Some(most.max(sizes?.into_iter().map(|size| size.unwrap_or(taken)).product()))
        })
    }

    /// Whether the function may refuse views.
    pub(super) fn may_refuse_views(&self) -> bool {
        self.function.parameters.iter().any(|p| matches!(p.domain, Domain::Array { contiguous: true, .. }))
    }

    /// A case in which `array` is the primary array and the first argument. `None` if none was found.
    pub fn on(&self, array: &Array, random: &mut Random) -> Option<Case<'a>> {
        let primary = self.function.primary()?;
        let combination = self.combinations.iter().find(|c| c.dtypes == [array.dtype])?;
        (0..ATTEMPTS).find_map(|_| {
            let drawn = Draw::new(self.spec, self.function, self.profile, combination, random, ON_SIZE).with_primary(array).arguments()?;
            let mut call = self.passed(drawn, random);
            call.layouts.fill(Layout::Contiguous);
            // Drawing another argument may have changed the array.
            let given = |given: &Given| matches!(given, Given::Array(given) if given.data == array.data);
            let kept = |call: &Call<'_>| call.arguments.first().is_some_and(|(name, first)| *name == primary.name && given(first));
            self.specified(call).filter(|case| kept(&case.call))
        })
    }

    /// Draws a case on a combination of dtypes in which no axis is longer than `size`.
    fn draw(&self, seed: u64, combination: usize, size: usize) -> Option<Case<'a>> {
        (0..ATTEMPTS).find_map(|attempt| {
            let mut random = Random::new(seed.wrapping_add(attempt));
            let arguments =
                Draw::new(self.spec, self.function, self.profile, &self.combinations[combination], &mut random, size).arguments()?;
            self.specified(self.repeating(arguments, &mut random))
        })
    }

    /// The case of a call. `None` if the standard does not define the result.
    pub fn specified(&self, mut call: Call<'a>) -> Option<Case<'a>> {
        call.replace_lost(&self.profile.losses);
        let (expectation, open) = self.answer(&call).ok().filter(|e| !matches!(e, Expectation::Raises))?.unless_refused();
        let same = self.ruled(DtypeRule::Same, &call);
        let cast = self.ruled(self.function.result.dtype, &call) != same && !same.is_some_and(|dtype| holds_all(dtype, &expectation));
        let facts = Facts { function: self.function, call: &call, cast, index: self.profile.defaults.index };
        let holds = |when: &Expr| when.truth(&facts).unwrap_or(false);
        let aspects = self.function.aspects.iter().enumerate().filter(|(_, aspect)| holds(&aspect.when)).map(|(i, _)| i).collect();
        let clauses = self.function.conditions().filter(|(_, when)| holds(when)).map(|(i, _)| i).collect();
        // The rule of an earlier revision says nothing about parameters that came later.
        let is_of = |until: Revision| {
            let mut later = self.function.parameters.iter().filter(|p| p.since.is_some_and(|since| since > until));
            later.all(|p| call.argument(&p.name).is_none())
        };
        let rules = self.function.result.earlier.iter().filter(|(until, _)| is_of(*until));
        let earlier = rules.filter_map(|(until, rule)| Some((*until, self.ruled(*rule, &call)?))).collect();
        let later = self.later_dtypes(&call);
        let excused = self.excuse(&call, &expectation);
        let mut unusable =
            self.profile.unusable.iter().filter(|(dtype, _)| dtypes_of(&call).chain(expectation.dtypes()).any(|d| d == **dtype));
        let unusable = unusable.next().map(|(_, why)| why.as_str());
        let refusable = open || self.is_refusable(&call);
        Some(Case { call, expectation, aspects, clauses, earlier, later, excused, unusable, refusable })
    }

    /// Whether the text lets a library refuse the call.
    fn is_refusable(&self, call: &Call<'_>) -> bool {
        let facts = Facts { function: self.function, call, cast: false, index: self.profile.defaults.index };
        self.may_refuse_views() && call.layouts.iter().any(|layout| *layout != Layout::Contiguous)
            || self.function.refusable.iter().any(|refusal| refusal.when.truth(&facts).unwrap_or(false))
    }

    /// Why the library may refuse a call, if it may.
    fn excuse(&self, call: &Call<'_>, expectation: &Expectation) -> Option<&'a str> {
        let facts = Facts { function: self.function, call, cast: false, index: self.profile.defaults.index };
        let holds = |when: Option<&Expr>| when.is_none_or(|when| when.truth(&facts).unwrap_or(false));
        let lacking = self.excuses.iter().find(|excused| holds(excused.when)).map(|excused| excused.why);
        lacking.or_else(|| {
            let limit = self.profile.rank_limit.as_ref()?;
            let rank = call.arrays().iter().map(|array| array.shape.len()).chain(expectation.ranks()).max()?;
            (rank > limit.rank).then_some(limit.why.as_str())
        })
    }

    /// The dtypes among the arguments that came later than those of the primary argument.
    fn later_dtypes(&self, call: &Call<'_>) -> Vec<DType> {
        let mut dtypes: Vec<DType> = dtypes_of(call).collect();
        let first = self.function.primary().and_then(|p| call.argument(&p.name));
        let usual = first.into_iter().flat_map(dtypes_in);
        let since = usual.map(|d| self.spec.dtypes.since(d)).max().unwrap_or(self.function.since).max(self.function.since);
        dtypes.retain(|d| self.spec.dtypes.since(*d) > since);
        dtypes.sort_unstable();
        dtypes.dedup();
        dtypes
    }

    /// What a call has to return if it does not raise.
    pub fn expectation(&self, call: &Call<'_>) -> Result<Expectation, Undefined> {
        Ok(self.answer(call)?.unless_refused().0)
    }

    /// The oracle's answer to a call.
    fn answer(&self, call: &Call<'_>) -> Result<Expectation, Undefined> {
        let bound =
            oracle::Call { given: &call.arguments, dtype: self.ruled(self.function.result.dtype, call), defaults: self.profile.defaults };
        (self.semantics)(&bound)
    }

    /// The dtype that a rule gives the result of a call.
    fn ruled(&self, rule: DtypeRule, call: &Call<'_>) -> Option<DType> {
        ruled_dtype(self.spec, self.function, rule, &call.arguments, self.profile.defaults)
    }

    /// The number of a parameter, counted from one.
    fn number_of(&self, name: &str) -> usize {
        self.function.parameters.iter().position(|p| p.name == name).map_or(0, |at| at + 1)
    }

    /// The call with drawn arguments: how each is passed, and the layouts of the arrays.
    fn passed(&self, drawn: Drawn<'a>, random: &mut Random) -> Call<'a> {
        let Drawn { given: mut arguments, class } = drawn;
        let parameters = &self.function.signature.parameters;
        arguments.sort_by_key(|(name, _)| parameters.iter().position(|p| p.name == *name));
        let mut forms = Vec::with_capacity(arguments.len());
        for (name, _) in &arguments {
            random.turn_to(self.number_of(name));
            let position = parameters.iter().position(|p| p.name == *name).unwrap_or(parameters.len());
            // After an argument that is left out, the others go by keyword.
            let reachable = position == forms.len() && forms.iter().all(|form| *form == ArgForm::Positional);
            forms.push(match parameters.get(position).map(|p| p.kind) {
                Some(ParameterKind::PositionalOnly | ParameterKind::VarPositional) => ArgForm::Positional,
                Some(ParameterKind::PositionalOrKeyword) if reachable && !random.pick_yes("keyword", 2) => ArgForm::Positional,
                _ => ArgForm::Keyword,
            });
        }
        let mut call = Call { arguments, forms, class, ..Call::default() };
        for (name, given) in &call.arguments {
            random.turn_to(self.number_of(name));
            let domain = self.function.parameters.iter().find(|p| p.name == *name).map(|p| &p.domain);
            // A tolerance is no data: that it requires gradients, for instance, means nothing, and a library may refuse it.
            let takes_forms = !matches!(domain, Some(Domain::Tolerance { .. }));
            let may_be = |layout: Layout| takes_forms || !matches!(layout, Layout::Representation(_));
            call.layouts.extend(given.leaves().map(|array| self.profile.layout_among(may_be, &array.shape, 8, random)));
        }
        if let (Some(_), Some(layout)) = (&self.function.result.mutates, call.layouts.first_mut()) {
            // The standard does not say whether a library may refuse to write to a view.
            *layout = Layout::Contiguous;
        }
        self.repeat_elements(&mut call);
        call
    }

    /// Gives the arrays whose layout repeats elements these elements. Where that may not be, the array becomes contiguous.
    fn repeat_elements(&self, call: &mut Call<'a>) {
        let domains = call.arguments.iter().flat_map(|(name, given)| {
            let domain = self.function.parameters.iter().find(|p| p.name == *name).map(|p| &p.domain);
            given.leaves().map(move |_| domain)
        });
        let may_repeat: Vec<bool> =
            domains.map(|domain| domain.and_then(Domain::values).is_some_and(|values| FREE.contains(&values))).collect();
        for (i, may_repeat) in may_repeat.into_iter().enumerate() {
            let (layout, array) = (call.layouts[i], call.arrays()[i]);
            if !layout.repeats() {
                continue;
            }
            let repeated = layout.repeated(array);
            if may_repeat {
                call.replace_array(i, repeated);
            } else if repeated != *array {
                call.layouts[i] = Layout::Contiguous;
            }
        }
    }

    /// The call with drawn arguments. Sometimes one array, or two views of one that overlap, are passed for two parameters that take the same
    /// values, if the two arrays that were drawn for them have the same dtype and shape.
    fn repeating(&self, drawn: Drawn<'a>, random: &mut Random) -> Call<'a> {
        let mut call = self.passed(drawn, random);
        random.turn_to(0);
        let values = |name: &str| self.function.parameters.iter().find(|p| p.name == name).and_then(|p| p.domain.values());
        let of_call = call.arguments.iter().flat_map(|(name, given)| given.leaves().map(move |array| (values(name), array)));
        let all: Vec<(Option<Values>, &Array)> = of_call.collect();
        let alike = |i: usize, j: usize| {
            let ((of_first, first), (of_second, second)) = (all[i], all[j]);
            of_first.is_some() && of_first == of_second && (first.dtype, &first.shape) == (second.dtype, &second.shape)
        };
        let pair = (0..all.len()).flat_map(|j| (0..j).map(move |i| (i, j))).find(|(i, j)| alike(*i, *j));
        if let Some((first, second)) = pair {
            let array = all[first].1.clone();
            // The standard does not say what becomes of a view if the array is written to.
            let may_overlap = self.profile.makes_overlapping(&array.shape)
                && self.function.result.mutates.is_none()
                && all[first].0.is_some_and(|values| FREE.contains(&values));
            call.sharing = Sharing::draw(random, [2, 2, usize::from(may_overlap)]);
            match call.sharing {
                Sharing::Apart => {}
                Sharing::OneObject => {
                    call.replace_array(second, array);
                    call.layouts[second] = call.layouts[first];
                }
                Sharing::Overlapping => call.let_overlap(first, second, array.shape[0]),
            }
        }
        call
    }
}

/// The classes of values in which each element is drawn by itself, so that elements may repeat and move.
const FREE: [Values; 7] = [Values::Any, Values::Tame, Values::Few, Values::Finite, Values::Small, Values::Holes, Values::Index];

/// Whether one array may be passed for two parameters of the function.
pub fn may_take_one_array_twice(function: &Function) -> bool {
    let mut domains = function.parameters.iter().map(|p| &p.domain);
    let of: Vec<Values> = domains.clone().filter_map(Domain::values).collect();
    domains.any(|domain| matches!(domain, Domain::Arrays { .. })) || (1..of.len()).any(|i| of[..i].contains(&of[i]))
}

/// The dtype that a rule gives the result of a call. `given` holds the arguments by parameter. `None` if the rule leaves the dtype to the
/// semantics.
pub fn ruled_dtype(spec: &Spec, function: &Function, rule: DtypeRule, given: &[(&str, Given)], defaults: Defaults) -> Option<DType> {
    let primary = function.primary().and_then(|p| given.iter().find(|(name, _)| *name == p.name));
    let first = primary.and_then(|(_, given)| given.one_or_more().first()?.leaf()).map(|array| array.dtype);
    function.ruled_dtype(&spec.dtypes, rule, given, |array| Some(array.dtype), first, defaults)
}

/// An argument as the rules for shapes see it.
pub fn ruled_value(given: &Given) -> Value {
    match given {
        Given::Array(array) => Value::array(&array.shape),
        Given::Scalar(scalar) => (*scalar).into(),
        Given::Str(text) => Value::Text(text.clone()),
        Given::None => Value::None,
        Given::Tuple(items) | Given::List(items) => Value::Tuple(items.iter().map(ruled_value).collect()),
        Given::Dtype(_) | Given::Device(_) | Given::Slice(_) | Given::Ellipsis | Given::Fields(..) => Value::Other,
    }
}

/// The combinations of dtypes of a function: each dtype of its primary parameter alone, and together with the dtypes of a parameter that
/// promotes with it.
fn combinations(spec: &Spec, function: &Function, profile: &BackendProfile) -> Vec<Combination> {
    let default = || Combination { dtypes: Vec::new(), common: DType::Float64, label: String::new(), since: function.since };
    let Some(primary) = function.primary() else { return vec![default()] };
    let has = |d: &DType| profile.dtypes.contains(d);
    let own: Vec<DType> = primary.dtypes.iter().filter(has).collect();
    let mut out: Vec<Combination> = own.iter().filter_map(|d| Combination::new(spec, function, vec![*d])).collect();
    let may_lack = function.signature.parameters.iter().any(|p| p.name == primary.name && p.default.is_some());
    if matches!(primary.domain, Domain::Dtype { .. }) && may_lack {
        // Without a dtype, the other arguments decide which dtype the result has.
        out = out.chunks(DTYPES_BETWEEN).flat_map(|some| std::iter::once(default()).chain(some.iter().cloned())).collect();
    }
    let partner = function.parameters.iter().find(|p| {
        matches!(
            p.domain,
            Domain::Array { dtype: DtypeRelation::Promotes, .. }
                | Domain::Arrays { dtype: DtypeRelation::Promotes, .. }
                | Domain::Mixture {}
                | Domain::ArrayOrScalar { .. }
        )
    });
    if let Some(partner) = partner {
        for a in &own {
            let partners = partner.dtypes.iter().filter(|b| b != a && has(b));
            out.extend(partners.filter_map(|b| Combination::new(spec, function, vec![*a, b])));
        }
    }
    out.retain(|combination| combination.dtypes.is_empty() || !profile.is_missing(combination.common));
    out
}
