//! Simplifies a failing case: proposes simpler ones, of which those that fail too are taken.

use std::ops::Range;

use array_assay_interface::Array;
use array_assay_oracle::call::Given;

use super::call::{ArgForm, Call, simpler_arrays};
use super::calls::{CallStream, Case};
use super::layout::Layout;
use super::shapes::broadcast;
use super::sharing::Sharing;
use super::stream::Stream;

/// The elements of operands with at most so many are simplified.
const FEW: usize = 4;

/// Proposes simpler cases.
pub trait Simplify<'a> {
    /// The next case to try. `None` if there is nothing else to try.
    fn propose(&mut self) -> Option<Case<'a>>;

    /// Takes a proposed case, which fails too. Its own simplifications come next.
    fn accept(&mut self, case: Case<'a>);
}

/// A case of an element-wise function and the ways to simplify it: contiguous layouts, absent operands, fewer elements, simpler elements.
pub struct CaseTree<'s, 'a> {
    stream: &'s Stream<'a>,
    current: Call<'a>,
    /// The case of the one wrong element, until it is proposed.
    focus: Option<Call<'a>>,
    /// The simpler cases that were not tried yet, the best last. `None` before they are made.
    candidates: Option<Vec<Call<'a>>>,
    /// The number of cases that may still be proposed.
    steps: usize,
}

impl<'a> Simplify<'a> for CaseTree<'_, 'a> {
    fn propose(&mut self) -> Option<Case<'a>> {
        if let Some(focus) = self.focus.take() {
            return Some(focus.into());
        }
        self.steps = self.steps.checked_sub(1)?;
        if self.candidates.is_none() {
            self.candidates = Some(self.simplifications().into_iter().rev().collect());
        }
        self.candidates.as_mut()?.pop().map(Case::from)
    }

    fn accept(&mut self, case: Case<'a>) {
        (self.current, self.candidates) = (case.call, None);
    }
}

impl<'s, 'a> CaseTree<'s, 'a> {
    /// The tree of a case of `stream`, in at most `steps` steps. Most wrong values need only the element of the result at flat index `wrong`, so
    /// that is proposed first.
    pub fn new(stream: &'s Stream<'a>, case: Call<'a>, wrong: Option<usize>, steps: usize) -> CaseTree<'s, 'a> {
        let mut tree = CaseTree { stream, current: case, focus: None, candidates: None, steps };
        tree.focus = wrong.and_then(|i| tree.focus(i));
        tree
    }
}

impl<'a> CaseTree<'_, 'a> {
    /// The case of the one element of the result at flat index `i`, with operands of rank zero.
    fn focus(&self, i: usize) -> Option<Call<'a>> {
        let shape = self.broadcast()?;
        if i >= shape.iter().product() {
            return None;
        }
        let mut case = self.current.with_arrays(|array| {
            let at = super::shapes::broadcast_indices(&array.shape, &shape);
            Array::from_elements(array.dtype, Vec::new(), [array.get(at[i])])
        });
        case.layouts.fill(Layout::Contiguous);
        Some(case)
    }

    /// The shape to which the operands broadcast.
    fn broadcast(&self) -> Option<Vec<usize>> {
        broadcast(self.current.laid().map(|(array, _)| array.shape.as_slice()))
    }

    /// The simpler cases to try, the best first.
    fn simplifications(&self) -> Vec<Call<'a>> {
        let mut out = Vec::new();
        let mut propose = |case: Call<'a>| {
            if case != self.current && self.is_legal(&case) {
                out.push(case);
            }
        };
        // Memory of their own, and contiguous layouts: first of all operands, then one by one.
        (0..ways_in_memory(&self.current)).for_each(|way| propose(plainer_in_memory(&self.current, way)));
        let function = self.stream.function;
        for (k, operand) in function.operands.iter().enumerate() {
            if operand.optional && self.current.operand(function, k).is_some() {
                propose(without(&self.current, &operand.name));
            }
        }
        // Fewer elements: each half of the result, then each single element.
        if let Some(shape) = self.broadcast() {
            let total: usize = shape.iter().product();
            if shape.len() != 1 || total > 1 {
                for range in [0..total / 2, total / 2..total].into_iter().chain((0..total.min(64)).map(|i| i..i + 1)) {
                    // An empty array does not show a wrong element.
                    if !range.is_empty() && (range.len() < total || shape.len() > 1) {
                        propose(self.flattened(&shape, range));
                    }
                }
            }
            if total == 1 && !shape.is_empty() {
                propose(self.focus(0).unwrap_or_else(|| self.current.clone()));
            }
        }
        // Simpler elements, if few are left.
        simpler_arrays(&self.current, FEW).into_iter().for_each(propose);
        out
    }

    /// The case of a range of the flattened result. All its arrays have rank 1.
    fn flattened(&self, shape: &[usize], range: Range<usize>) -> Call<'a> {
        let mut case = self.current.with_arrays(|array| {
            let at = super::shapes::broadcast_indices(&array.shape, shape);
            Array::from_elements(array.dtype, vec![range.len()], range.clone().map(|i| array.get(at[i])).collect::<Vec<_>>())
        });
        for layout in &mut case.layouts {
            if layout.repeats() || !layout.fits(&[range.len()]) {
                *layout = Layout::Contiguous;
            }
        }
        case
    }

    /// Whether the case still has an element that the special case is about, if the stream is that of a special case.
    fn keeps_witness(&self, case: &Call<'_>) -> bool {
        let Some(rule) = self.stream.rule() else { return true };
        let (spec, function) = (self.stream.spec(), self.stream.function);
        let shape = broadcast(case.laid().map(|(array, _)| array.shape.as_slice()));
        let (Some(common), Some(shape)) = (case.common_dtype(spec), shape) else { return false };
        let pairing = case.pairing(function, common, &shape);
        (0..shape.iter().product()).any(|i| rule.claim(spec, function, common, &pairing.arguments(i)).is_some())
    }

    /// Whether the standard defines the result of the call. Simplified elements may lie outside the domain.
    fn is_legal(&self, case: &Call<'_>) -> bool {
        let mut defined = case.clone();
        defined.replace_lost_operands(self.stream.losses());
        defined.make_defined(self.stream.spec(), self.stream.function);
        defined == *case && case.dtypes().next().is_some() && self.keeps_witness(case)
    }
}

/// The call without an argument. If that is passed by position, `None` is.
fn without<'a>(call: &Call<'a>, name: &str) -> Call<'a> {
    let mut out = Call { arguments: Vec::new(), forms: Vec::new(), layouts: Vec::new(), ..*call };
    let mut layouts = call.layouts.iter();
    for ((of, given), form) in call.arguments.iter().zip(&call.forms) {
        let own: Vec<Layout> = layouts.by_ref().take(given.leaves().count()).copied().collect();
        let given = match (*of == name, form) {
            (true, ArgForm::Keyword) => continue,
            (true, ArgForm::Positional) => Given::None,
            (false, _) => {
                out.layouts.extend(own);
                given.clone()
            }
        };
        out.arguments.push((of, given));
        out.forms.push(*form);
    }
    out
}

/// The call with arrays that lie in memory in a plainer way. The first way is contiguous and apart, the second is apart, and each of the others
/// makes one array contiguous.
fn plainer_in_memory<'a>(call: &Call<'a>, way: usize) -> Call<'a> {
    let mut plainer = call.clone();
    match way {
        0 => {
            plainer.sharing = Sharing::Apart;
            plainer.layouts.fill(Layout::Contiguous);
        }
        1 => plainer.sharing = Sharing::Apart,
        _ => plainer.layouts[way - 2] = Layout::Contiguous,
    }
    plainer
}

/// The number of ways of [`plainer_in_memory`].
fn ways_in_memory(call: &Call<'_>) -> usize {
    2 + call.layouts.len()
}

/// A call that is not element-wise and the ways to simplify it: cases with smaller arrays on the same dtypes, then contiguous layouts, then
/// simpler elements.
pub struct CallTree<'s, 'a> {
    stream: &'s CallStream<'a>,
    combination: usize,
    current: Case<'a>,
    /// The greatest length of an axis, and the seed, of the cases that are drawn in place of this one until one fails.
    smaller: std::vec::IntoIter<(usize, u64)>,
    /// The plainer ways in which arrays can lie in memory that were not tried yet. `None` before the first.
    in_memory: Option<Range<usize>>,
    /// The calls with a simpler element that were not tried yet. `None` before they are made.
    elements: Option<std::vec::IntoIter<Call<'a>>>,
    /// The number of simpler elements that may still be proposed.
    steps: usize,
}

/// The number of smaller cases of each size that are tried.
const TRIES_OF_A_SIZE: u64 = 24;

/// The greatest lengths of axes that are tried, in this order.
const SIZES: [usize; 4] = [1, 2, 3, 5];

/// The greatest number of steps that simplify elements.
const STEPS: usize = 120;

impl<'s, 'a> CallTree<'s, 'a> {
    /// The tree of a case. Smaller cases are drawn from the combination of dtypes by the run's seed. Unless it is to be simplified in full, few
    /// of them are, and elements stay as they are.
    pub fn new(stream: &'s CallStream<'a>, seed: u64, combination: usize, case: Case<'a>, full: bool) -> CallTree<'s, 'a> {
        let (sizes, tries, steps) = if full { (SIZES.as_slice(), TRIES_OF_A_SIZE, STEPS) } else { (&SIZES[1..3], 6, 0) };
        let smaller: Vec<(usize, u64)> = sizes.iter().flat_map(|size| (1..=tries).map(move |n| (*size, seed.wrapping_add(n)))).collect();
        CallTree { stream, combination, current: case, smaller: smaller.into_iter(), in_memory: None, elements: None, steps }
    }
}

impl<'a> Simplify<'a> for CallTree<'_, 'a> {
    fn propose(&mut self) -> Option<Case<'a>> {
        let (stream, combination) = (self.stream, self.combination);
        if let Some(mut case) = self.smaller.find_map(|(size, seed)| stream.smaller(seed, combination, size)) {
            let call = &self.current.call;
            (case.call.returns_inputs, case.call.returns_devices) = (call.returns_inputs, call.returns_devices);
            return Some(case);
        }
        let current = &self.current.call;
        let ways = self.in_memory.get_or_insert_with(|| 0..ways_in_memory(current));
        if let Some(call) = ways.map(|way| plainer_in_memory(current, way)).find(|call| call != current) {
            return Some(Case { call, ..self.current.clone() });
        }
        self.steps.checked_sub(1)?;
        let elements = self.elements.get_or_insert_with(|| simpler_arrays(&self.current.call, 6).into_iter());
        let simpler = elements.find_map(|call| stream.specified(call))?;
        self.steps -= 1;
        Some(simpler)
    }

    fn accept(&mut self, case: Case<'a>) {
        (self.current, self.elements) = (case, None);
        self.smaller = Vec::new().into_iter();
    }
}

#[cfg(test)]
mod tests {
    use array_assay_spec::Spec;

    use super::*;
    use crate::generate::{BackendProfile, Budget, Sort, streams};

    /// How the arrays of the simplest call share memory. The first call shares it like `first`, and the deviation needs it to be like `needed`,
    /// unless that is [`Sharing::Apart`].
    fn simplified<'a>(mut tree: impl Simplify<'a>, first: Sharing, needed: Sharing) -> Sharing {
        let mut last = first;
        while let Some(case) = tree.propose() {
            let sharing = case.call.shared();
            if needed == Sharing::Apart || sharing == needed {
                last = sharing;
                tree.accept(case);
            }
        }
        last
    }

    #[test]
    fn arrays_share_memory_in_the_simplest_call_only_if_the_deviation_needs_it() {
        let (spec, profile) = (Spec::embedded(), BackendProfile::default());
        let function = |category: &str, name: &str| spec.function(category, name).expect("it is in the spec");
        let streams =
            streams(spec, function("elementwise", "atan2"), &profile, Budget { seed: 0, cases: 250 }, &|sort| sort == Sort::Plain);
        let concat = CallStream::new(spec, function("manipulation", "concat"), &profile).expect("it has dtypes");
        for sharing in [Sharing::OneObject, Sharing::Overlapping] {
            let mut cases = (0..250).map(|n| streams[0].case(Sort::Plain.nth(streams[0].before_rows() + n)));
            let case = cases.find(|case| case.shared() == sharing).expect("some case shares memory");
            let mut calls = (0..250).filter_map(|n| Some((n, concat.case(0, n)?)));
            let (n, call) = calls.find(|(_, case)| case.call.shared() == sharing).expect("some call shares memory");
            for needed in [Sharing::Apart, sharing] {
                let of_case = CaseTree::new(&streams[0], case.clone(), None, 60);
                assert_eq!(simplified(of_case, sharing, needed), needed);
                let of_call = CallTree::new(&concat, 0, concat.combination_of(n), call.clone(), false);
                assert_eq!(simplified(of_call, sharing, needed), needed);
            }
        }
    }
}
