//! Streams of cases of element-wise functions. A function has its own stream, and one for each of its special cases.

use std::borrow::Cow;

use array_assay_format::FLOOR;
use array_assay_interface::{Array, DType, Element, Kind, ParameterKind, Scalar};
use array_assay_spec::expr::{NoNames, Num};
use array_assay_spec::{Function, OperatorForm, Rule, RuleBody, Spec};

use super::block::CaseBlock;
use super::case::{ArgForm, CallForm, Case, Operand, OperandCase};
use super::combination::Combination;
use super::layout::Layout;
use super::losses::Losses;
use super::profile::BackendProfile;
use super::shapes::{broadcast, empty};
use super::values::{Random, alike, element, python_scalar, related, seed_for};
use crate::elements::with_other_nans;

/// What kind of operands a random block has. The kinds take turns.
#[derive(Debug, Clone, Copy)]
struct Turn {
    form: CallForm,
    axes: Axes,
    /// The operand of rank zero, if only one operand has that rank.
    single: Option<usize>,
}

/// The axes of the operands of a random block.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Axes {
    Any,
    /// No axes: some libraries return other objects than arrays then.
    None,
    /// An axis of length zero.
    Empty,
}

/// What a stream is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StreamKind<'a> {
    /// The function as a whole.
    Function,
    /// One of its special cases.
    Special(&'a Rule),
}

/// A stream of cases.
pub struct Stream<'a> {
    /// The function.
    pub function: &'a Function,
    /// What the stream is about.
    pub kind: StreamKind<'a>,
    /// If the stream is that of a special case: its index among the function's rules.
    pub rule: Option<usize>,
    /// The combinations of dtypes that cases are drawn from. Not empty.
    pub combinations: Vec<Combination>,
    pub(super) spec: &'a Spec,
    pub(super) profile: &'a BackendProfile,
    pub(super) name: String,
    /// The number of combinations in which all operands have the same dtype. They come first.
    pub(super) uniform: usize,
    /// The hard cases, which come first: the index of a combination, and one element for each operand.
    hard: Vec<(usize, Vec<Element>)>,
    /// For a special case: operands that fulfil its condition, by combination.
    witnesses: Vec<&'a [Vec<Element>]>,
    /// For an operator, which has no streams of special cases: indices of combinations, each with operands that fulfil the condition of one
    /// special case.
    met: Vec<(usize, &'a [Vec<Element>])>,
}

/// Marks the index of a supplementary case.
const SUPPLEMENT: u64 = 1 << 39;

/// How often a supplementary block is drawn again if one of its arrays is empty.
const REDRAWS: usize = 32;

/// The streams of a function for a profile. Empty if the profile has none of the function's dtypes.
pub fn streams<'a>(
    spec: &'a Spec,
    function: &'a Function,
    profile: &'a BackendProfile,
    wanted: &dyn Fn(StreamKind<'_>) -> bool,
) -> Vec<Stream<'a>> {
    // The special cases of an operator are drawn in its own stream.
    let rules = function.rules.iter().filter(|_| function.operator.is_none());
    let kinds = std::iter::once(StreamKind::Function).chain(rules.map(StreamKind::Special));
    kinds.filter(|kind| wanted(*kind)).filter_map(|kind| Stream::new(spec, function, profile, kind)).collect()
}

impl<'a> Stream<'a> {
    fn new(spec: &'a Spec, function: &'a Function, profile: &'a BackendProfile, kind: StreamKind<'a>) -> Option<Stream<'a>> {
        let name = match kind {
            StreamKind::Function => format!("{}/{}", function.category, function.name),
            StreamKind::Special(rule) => format!("{}/{}::special/{}", function.category, function.name, rule.slug),
        };
        let mut combinations = combinations(spec, function, profile);
        let mut tuples = Vec::new();
        if let StreamKind::Special(rule) = kind {
            combinations.retain(|c| {
                if c.dtypes.iter().any(|d| *d != c.common) || !rule.dtypes.contains(c.common) {
                    return false;
                }
                let found = rule.witnesses(spec, function, c.common);
                let any = !found.is_empty();
                if any {
                    tuples.push(found);
                }
                any
            });
        }
        let uniform = combinations.iter().take_while(|c| c.dtypes.iter().all(|d| *d == c.common)).count();
        let rule = match kind {
            StreamKind::Function => None,
            StreamKind::Special(rule) => function.rules.iter().position(|r| r.slug == rule.slug),
        };
        let hard = if kind == StreamKind::Function { hard_cases(function, &combinations[..uniform]) } else { Vec::new() };
        let met = if function.operator.is_some() {
            let rules =
                function.rules.iter().flat_map(|rule| combinations[..uniform].iter().enumerate().map(move |(c, of)| (rule, c, of.common)));
            let found = rules.map(|(rule, c, dtype)| (c, rule.witnesses(spec, function, dtype)));
            found.filter(|(_, tuples)| !tuples.is_empty()).collect()
        } else {
            Vec::new()
        };
        (!combinations.is_empty()).then_some(Stream {
            met,
            function,
            kind,
            rule,
            combinations,
            spec,
            profile,
            name,
            uniform,
            hard,
            witnesses: tuples,
        })
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

    /// The case `index` under the run's seed.
    pub fn case(&self, seed: u64, index: u64) -> Case {
        if index & SUPPLEMENT != 0 {
            let index = index & !SUPPLEMENT;
            return self.draw_supplement(index / FLOOR, seed).case((index % FLOOR) as usize);
        }
        let n = self.block_of(index);
        self.draw(n, seed).case((index - self.first(n)) as usize)
    }

    /// The number of blocks of the hard cases and `cases` random cases.
    pub fn blocks(&self, cases: u64) -> u64 {
        let last = (self.hard_cases() + cases).checked_sub(1);
        last.map_or(0, |last| self.block_of(last) + 1)
    }

    /// The combinations and forms of call that have fewer than [`FLOOR`] cases among the hard cases and `cases` random cases. Each gets a
    /// supplementary block of [`FLOOR`] cases. At most `cases` supplementary cases are drawn, so that a small run stays small.
    pub fn supplements(&self, seed: u64, cases: u64) -> Vec<u64> {
        if self.kind != StreamKind::Function {
            return Vec::new();
        }
        let wanted = self.combinations_and_forms();
        let mut drawn = vec![0; wanted.len()];
        for n in self.hard_cases()..self.blocks(cases) {
            let of_random = n - self.hard_cases();
            let combination = self.combination_of_block(n);
            let turn = self.turn(of_random, &self.combinations[combination]);
            let met = self.met_case(of_random).is_some();
            if !met && self.is_empty_block(n, seed, turn) {
                continue;
            }
            let form = if met { CallForm::Arrays } else { turn.form };
            let runs = (self.first(n + 1).min(self.hard_cases() + cases) - self.first(n)).min(FLOOR);
            if let Some(at) = wanted.iter().position(|of| *of == (combination, form)) {
                drawn[at] += runs;
            }
        }
        let short = (0..wanted.len()).filter(|at| drawn[*at] < FLOOR).map(|at| at as u64);
        short.take((cases / FLOOR) as usize).collect()
    }

    /// Whether a random block has an empty operand. Its shapes are drawn first, so this needs no elements.
    fn is_empty_block(&self, n: u64, seed: u64, turn: Turn) -> bool {
        let mut random = Random::new(seed_for(seed, &self.name, self.first(n)));
        let shapes = self.profile.broadcastable(self.function.operands.len(), &mut random);
        match turn.axes {
            Axes::None => false,
            Axes::Empty => true,
            Axes::Any => shapes.iter().enumerate().any(|(k, shape)| turn.single != Some(k) && shape.contains(&0)),
        }
    }

    /// The `nth` block of [`Stream::supplements`], and the index of its first case.
    pub fn supplement(&self, seed: u64, nth: u64) -> (u64, CaseBlock) {
        (SUPPLEMENT | (nth * FLOOR), self.draw_supplement(nth, seed))
    }

    /// Each combination of dtypes with each form of call that it allows. The combinations of one dtype come first.
    fn combinations_and_forms(&self) -> Vec<(usize, CallForm)> {
        let uniform = 0..self.uniform;
        let all = (0..self.combinations.len()).map(|c| (c, CallForm::Arrays));
        let takes_scalars = self.function.scalars_since().is_some();
        let scalar = uniform.clone().filter(|_| takes_scalars).map(|c| (c, CallForm::Scalar));
        let complex = uniform.filter(|c| self.takes_complex(&self.combinations[*c])).map(|c| (c, CallForm::ComplexScalar));
        let mut out: Vec<(usize, CallForm)> = all.collect();
        let mixed = out.split_off(self.uniform);
        out.extend(scalar.chain(complex).chain(mixed));
        out
    }

    /// Whether calls on a combination may have this form.
    pub fn allows(&self, combination: usize, form: CallForm) -> bool {
        self.combinations_and_forms().contains(&(combination, form))
    }

    /// Draws a supplementary block. Its arrays are not empty, so that all properties are judged.
    fn draw_supplement(&self, nth: u64, seed: u64) -> CaseBlock {
        let (combination, form) = self.combinations_and_forms()[nth as usize];
        let mut random = Random::new(seed_for(seed, &format!("{}::supplement", self.name), nth));
        let turn = Turn { form, axes: Axes::Any, single: None };
        let mut draw = || {
            let mut case = self.draw_any(&self.combinations[combination], turn, FLOOR as usize, &mut random);
            case.returns_inputs = true;
            case.replace_lost(&self.profile.losses);
            case
        };
        let mut case = draw();
        for _ in 0..REDRAWS {
            if case.arrays().all(|(array, _)| !array.is_empty()) {
                break;
            }
            case = draw();
        }
        let mut block = CaseBlock::new(case, FLOOR as usize, Vec::new());
        block.stacked.make_defined(self.spec, self.function);
        block
    }

    /// The block `n` of the hard cases and `cases` random cases, and the index of its first case.
    pub fn block(&self, seed: u64, n: u64, cases: u64) -> (u64, CaseBlock) {
        let (first, mut block) = (self.first(n), self.draw(n, seed));
        let left = self.hard_cases() + cases - first;
        if left < block.runs as u64 {
            block.truncate(left as usize);
        }
        (first, block)
    }

    /// The pattern that random cases repeat: the number of blocks with one case, and the number of cases in the one long block that
    /// follows. A function's own stream needs more blocks of one case, for its shapes, scalars and mixed dtypes. Seven blocks have no
    /// divisor in common with the numbers of dtypes, so the long block meets every dtype.
    fn pattern(&self) -> (u64, u64) {
        match self.kind {
            StreamKind::Function if self.function.operator.is_some() => (6, 6),
            StreamKind::Function => (6, 14),
            StreamKind::Special(_) => (0, 32),
        }
    }

    /// The index of the first case of a block. Each hard case is a block of its own.
    fn first(&self, n: u64) -> u64 {
        let ((singles, runs), hard) = (self.pattern(), self.hard_cases());
        n.checked_sub(hard).map_or(n, |n| hard + n / (singles + 1) * (singles + runs) + n % (singles + 1))
    }

    /// The block that a case belongs to.
    fn block_of(&self, index: u64) -> u64 {
        let ((singles, runs), hard) = (self.pattern(), self.hard_cases());
        index.checked_sub(hard).map_or(index, |i| hard + i / (singles + runs) * (singles + 1) + (i % (singles + runs)).min(singles))
    }

    /// The number of cases in a block.
    fn runs(&self, n: u64) -> usize {
        (self.first(n + 1) - self.first(n)) as usize
    }

    /// The index of the combination of a case. It depends only on the case's index, so that each combination gets its share.
    pub fn combination_of(&self, index: u64) -> usize {
        if index & SUPPLEMENT != 0 {
            return self.combinations_and_forms()[((index & !SUPPLEMENT) / FLOOR) as usize].0;
        }
        self.combination_of_block(self.block_of(index))
    }

    /// The index of the combination of a block.
    fn combination_of_block(&self, n: u64) -> usize {
        if let Some((combination, _)) = self.hard_case(n) {
            return *combination;
        }
        let n = n - self.hard_cases();
        if let Some((combination, _)) = self.met_case(n) {
            return *combination;
        }
        let n = self.plain(n);
        let (uniform, mixed) = (self.uniform as u64, (self.combinations.len() - self.uniform) as u64);
        // Two of three blocks have operands of one dtype.
        if mixed > 0 && n % 3 == 2 { (uniform + n / 3 % mixed) as usize } else { (self.nth_uniform(n) % uniform.max(1)) as usize }
    }

    /// The number of plain blocks before the `n`-th random block. A plain block is not drawn for a special case; plain blocks go through
    /// the dtypes in turn.
    fn plain(&self, n: u64) -> u64 {
        if self.met.is_empty() { n } else { n - n / 4 }
    }

    /// How many of the first `n` plain blocks have operands of one dtype.
    fn nth_uniform(&self, n: u64) -> u64 {
        if self.combinations.len() > self.uniform { n - n / 3 } else { n }
    }

    /// The kind of operands of the `n`-th random block. The kinds take turns, so that each dtype meets each of them.
    fn turn(&self, n: u64, combination: &Combination) -> Turn {
        let n = self.plain(n);
        let (form, axes) = match self.nth_uniform(n) / self.uniform.max(1) as u64 % 8 {
            1 | 4 => (CallForm::Scalar, Axes::Any),
            2 if self.may_lack_axes() => (CallForm::Arrays, Axes::None),
            3 => (CallForm::Arrays, Axes::Empty),
            6 if self.takes_complex(combination) => (CallForm::ComplexScalar, Axes::Any),
            _ => (CallForm::Arrays, Axes::Any),
        };
        Turn { form, axes, single: self.single(n) }
    }

    /// If the `n`-th plain block mixes dtypes: the operand of rank zero, if only one operand has that rank. Some libraries promote such
    /// operands in another way. Every second such block has none; in the others the first and the second operand take turns.
    fn single(&self, n: u64) -> Option<usize> {
        let mixed = (self.combinations.len() - self.uniform) as u64;
        if mixed == 0 || n % 3 != 2 || !self.may_lack_axes() {
            return None;
        }
        // The first operand of an in-place operator keeps its axes.
        let first = if self.function.is_operator(OperatorForm::InPlace) { 1 } else { 0 };
        // The sum lets each combination meet all four cases.
        let nth = n / 3;
        match (nth + nth / mixed) % 4 {
            1 => Some(first),
            3 => Some(1),
            _ => None,
        }
    }

    /// Whether the shapes that a library declares allow arrays of rank zero.
    fn may_lack_axes(&self) -> bool {
        self.profile.shapes.is_empty() || self.profile.shapes.iter().any(Vec::is_empty)
    }

    /// The special case that the `n`-th random block of an operator is drawn for. Every fourth block is drawn for one.
    fn met_case(&self, n: u64) -> Option<&(usize, &'a [Vec<Element>])> {
        let nth = (n % 4 == 3 && !self.met.is_empty()).then_some(n / 4 % self.met.len().max(1) as u64)?;
        self.met.get(nth as usize)
    }

    /// Whether a Python complex may meet the real arrays of a combination.
    pub fn takes_complex(&self, combination: &Combination) -> bool {
        self.function.complex_scalars_since().is_some()
            && combination.common.kind() == Kind::RealFloating
            && combination.dtypes.iter().all(|d| *d == combination.common)
            && self.profile.dtypes.contains(&combination.common.complex())
    }

    /// The number of hard cases, which come before the random ones.
    pub fn hard_cases(&self) -> u64 {
        3 * self.hard.len() as u64
    }

    /// The hard case of an index. Each comes in three shapes.
    fn hard_case(&self, index: u64) -> Option<&(usize, Vec<Element>)> {
        self.hard.get(usize::try_from(index / 3).ok()?)
    }

    /// The operands of a hard case.
    fn draw_hard(&self, combination: &Combination, elements: &[Element], shape: u64, random: &mut Random) -> Case {
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
                OperandCase { value: Operand::Array(array, Layout::Contiguous), form: self.form(k, random) }
            })
            .collect();
        Case { operands, returns_inputs: false }
    }

    /// Draws a block.
    fn draw(&self, n: u64, seed: u64) -> CaseBlock {
        let combination = &self.combinations[self.combination_of_block(n)];
        let mut random = Random::new(seed_for(seed, &self.name, self.first(n)));
        let hard = self.hard_case(n);
        let runs = self.runs(n);
        let mut targets = Vec::new();
        let mut case = match (hard, self.kind) {
            (Some((_, elements)), _) => self.draw_hard(combination, elements, n % 3, &mut random),
            (None, StreamKind::Function) => match self.met_case(n - self.hard_cases()) {
                Some((_, tuples)) => self.draw_special(combination, tuples, runs, &mut random).0,
                None => self.draw_any(combination, self.turn(n - self.hard_cases(), combination), runs, &mut random),
            },
            (None, StreamKind::Special(_)) => {
                let (case, drawn) = self.draw_special(combination, self.witnesses[self.combination_of_block(n)], runs, &mut random);
                targets = drawn;
                case
            }
        };
        case.returns_inputs = matches!(self.kind, StreamKind::Function);
        if !self.profile.losses.values.is_empty() {
            let drawn = case.clone();
            case.replace_lost(&self.profile.losses);
            self.keep_targets(&drawn, &case, &mut targets);
        }
        let mut block = CaseBlock::new(case, runs, targets);
        block.stacked.make_defined(self.spec, self.function);
        block
    }

    /// Removes elements from the target mask that the special case is no longer about, because they were replaced.
    fn keep_targets(&self, drawn: &Case, replaced: &Case, targets: &mut [bool]) {
        let StreamKind::Special(rule) = self.kind else { return };
        let arrays: Vec<(&Array, &Array)> = drawn.arrays().zip(replaced.arrays()).map(|((a, _), (b, _))| (a, b)).collect();
        let Some(dtype) = arrays.first().map(|(_, array)| array.dtype) else { return };
        let speaks = |arguments: &[Element]| rule.claim(self.spec, self.function, dtype, arguments).is_some();
        for (i, target) in targets.iter_mut().enumerate().filter(|(_, target)| **target) {
            let arguments: Vec<Element> = arrays.iter().map(|(_, after)| after.get(i)).collect();
            if arrays.iter().any(|(before, after)| !before.get(i).same_bits(after.get(i))) {
                *target = speaks(&arguments);
            }
            // If one NaN comes back for all, the sign of NaN is unknown. A special case that depends on it is about no NaN.
            let mirrored: Vec<Element> = arguments.iter().map(|x| with_other_nans(*x).unwrap_or(*x)).collect();
            *target &= !self.profile.losses.nans.contains_key(&dtype) || speaks(&mirrored);
        }
    }

    /// The operands of random cases. Each array holds the arrays of all runs, stacked along a first axis.
    fn draw_any(&self, combination: &Combination, turn: Turn, runs: usize, random: &mut Random) -> Case {
        let operands = &self.function.operands;
        let Turn { form, axes, single } = turn;
        let mut shapes = self.profile.broadcastable(operands.len(), random);
        match axes {
            Axes::None => shapes.iter_mut().for_each(Vec::clear),
            Axes::Empty if self.profile.max_rank > 0 && self.profile.shapes.is_empty() => empty(random, &mut shapes),
            Axes::Empty | Axes::Any => {}
        }
        // At most one operand is a scalar, so that at least one array is left.
        let takers: Vec<usize> = (0..operands.len()).filter(|k| operands[*k].scalars.is_some()).collect();
        let mut scalar = (form != CallForm::Arrays && !takers.is_empty()).then(|| takers[random.below(takers.len())]);
        match self.function.operator.as_ref().map(|operator| operator.form) {
            Some(OperatorForm::Reflected) => scalar = scalar.map(|_| 0),
            Some(_) => scalar = scalar.filter(|_| operands.len() > 1).map(|_| 1),
            None => {}
        }
        if self.function.is_operator(OperatorForm::InPlace) {
            // The first operand of an in-place operator keeps its shape.
            shapes[0] = broadcast(shapes.iter().map(Vec::as_slice)).unwrap_or_default();
        }
        if let Some(single) = single {
            shapes[single] = Vec::new();
        }
        let complex = form == CallForm::ComplexScalar;
        let mut drawn: Vec<OperandCase> = Vec::with_capacity(operands.len());
        for (i, (operand, dtype)) in operands.iter().zip(&combination.dtypes).enumerate() {
            let form = self.form(i, random);
            let value = if operand.optional && scalar != Some(i) && random.below(3) == 0 {
                Operand::Absent
            } else if operand.scalars.is_some() && scalar == Some(i) && combination.dtypes.iter().all(|d| d == dtype) {
                Operand::Scalar(if complex {
                    Scalar::Complex(element(random, dtype.complex()).components())
                } else {
                    let element = element(random, *dtype);
                    python_scalar(random, element)
                })
            } else {
                let near = drawn.iter().rev().find_map(|o| match &o.value {
                    Operand::Array(array, _) if array.dtype != *dtype && !array.is_empty() => Some(array),
                    Operand::Array(array, _) if array.dtype == *dtype && array.shape[1..] == shapes[i] => Some(array),
                    _ => None,
                });
                let near = near.filter(|array| random.below(if array.dtype == *dtype { 4 } else { 2 }) == 0);
                let each = shapes[i].iter().product::<usize>().max(1);
                let drawn = self.arrays(*dtype, &shapes[i], runs, random, |random, k| match near {
                    Some(array) if array.dtype == *dtype => related(random, array.get(k)),
                    Some(array) => {
                        // Any element of the same run.
                        let of_run = array.len() / runs;
                        let other = array.get(k / each * of_run + random.below(of_run));
                        alike(random, other, array.dtype, *dtype)
                    }
                    None => element(random, *dtype),
                });
                match drawn {
                    // The standard does not say whether a library may refuse to write to a view.
                    Operand::Array(array, _) if i == 0 && self.function.is_operator(OperatorForm::InPlace) => {
                        Operand::Array(array, Layout::Contiguous)
                    }
                    drawn => drawn,
                }
            };
            drawn.push(OperandCase { value, form });
        }
        Case { operands: drawn, returns_inputs: false }
    }

    /// Operands in which some elements, at least one in each run, fulfil the condition of a special case. Returns them with the target
    /// mask.
    fn draw_special(&self, combination: &Combination, witnesses: &[Vec<Element>], runs: usize, random: &mut Random) -> (Case, Vec<bool>) {
        let symmetry = match self.kind {
            StreamKind::Special(Rule { body: RuleBody::Symmetry(map), .. }) => Some(*map),
            _ => None,
        };
        let mut shape = self.profile.shape(self.profile.max_rank, random);
        let fewest = if symmetry.is_some() { 2 } else { 1 };
        if shape.iter().product::<usize>() < fewest {
            shape = vec![fewest + random.below(20)];
        }
        // If each shape costs a compilation, all special cases share one shape. Only their elements matter.
        if let Some(largest) = self.profile.shapes.iter().max_by_key(|shape| shape.iter().product::<usize>()) {
            shape.clone_from(largest);
        }
        let total: usize = shape.iter().product();
        let mut chosen: Vec<Option<Cow<'_, [Element]>>> = Vec::with_capacity(runs * total);
        for _ in 0..runs {
            let certain = random.below(total);
            let dense = random.below(2) == 0;
            let from = chosen.len();
            chosen
                .extend((0..total).map(|i| {
                    (i == certain || dense && random.below(2) == 0).then(|| Cow::from(&witnesses[random.below(witnesses.len())]))
                }));
            let Some(map) = symmetry else { continue };
            // A symmetry relates two arguments, so the mapped one is put beside each witness.
            let chosen = &mut chosen[from..];
            for i in 0..total - total % 2 {
                let partner: Option<Vec<Element>> = chosen[i].as_ref().map(|tuple| tuple.iter().map(|x| map.argument(*x)).collect());
                if let (Some(partner), true) = (partner, i == certain || i % 2 == 0) {
                    chosen[i ^ 1] = Some(Cow::from(partner));
                }
            }
        }
        let dtype = combination.common;
        let operands = (0..self.function.operands.len())
            .map(|k| {
                let form = self.form(k, random);
                let data = Array::from_elements(
                    dtype,
                    stacked(runs, &shape),
                    chosen.iter().map(|witness| match witness {
                        Some(tuple) => tuple[k],
                        None => element(random, dtype),
                    }),
                );
                let layout = self.layout(&shape, random);
                let plain = layout == Layout::Broadcast || !self.profile.shapes.is_empty();
                let layout = if plain { Layout::Contiguous } else { layout };
                OperandCase { value: Operand::Array(data, layout), form }
            })
            .collect();
        (Case { operands, returns_inputs: false }, chosen.iter().map(Option::is_some).collect())
    }

    /// An array operand, stacked for all runs, with elements from `draw`.
    fn arrays(
        &self,
        dtype: DType,
        shape: &[usize],
        runs: usize,
        random: &mut Random,
        mut draw: impl FnMut(&mut Random, usize) -> Element,
    ) -> Operand {
        let layout = self.layout(shape, random);
        let total: usize = shape.iter().product();
        let mut elements: Vec<Element> = (0..runs * total).map(|k| draw(random, k)).collect();
        if layout == Layout::Broadcast {
            let row = total.checked_div(shape[0]).unwrap_or(0);
            for run in elements.chunks_exact_mut(total.max(1)) {
                for k in row..total {
                    run[k] = run[k % row];
                }
            }
        }
        Operand::Array(Array::from_elements(dtype, stacked(runs, shape), elements), layout)
    }

    fn layout(&self, shape: &[usize], random: &mut Random) -> Layout {
        // A special case is about elements, so layouts matter less.
        let one_in = if self.kind == StreamKind::Function { 4 } else { 8 };
        self.profile.layout(shape, one_in, random)
    }

    /// How an operand is passed.
    fn form(&self, operand: usize, random: &mut Random) -> ArgForm {
        let name = &self.function.operands[operand].name;
        let kind = self.function.signature.parameters.iter().find(|p| p.name == *name).map(|p| p.kind);
        match kind {
            Some(ParameterKind::PositionalOnly) | None => ArgForm::Positional,
            Some(ParameterKind::KeywordOnly) => ArgForm::Keyword,
            Some(_) if random.below(2) == 0 => ArgForm::Positional,
            Some(_) => ArgForm::Keyword,
        }
    }
}

/// The shape of arrays that hold all runs, stacked along a first axis.
fn stacked(runs: usize, shape: &[usize]) -> Vec<usize> {
    std::iter::once(runs).chain(shape.iter().copied()).collect()
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
fn combinations(spec: &Spec, function: &Function, profile: &BackendProfile) -> Vec<Combination> {
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
