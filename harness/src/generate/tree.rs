//! Simplifies a failing case, as a value tree of the crate proptest.
//!
//! A case follows from the seed, the stream and the index. So no tree is kept while programs run; it is made when a case fails.

use array_assay_interface::Array;
use proptest::strategy::ValueTree;

use super::case::{Case, Operand};
use super::layout::Layout;
use super::shapes::broadcast;
use super::stream::{Stream, StreamKind};
use super::values::simpler;

/// A case and the ways to simplify it: contiguous layouts, absent operands, fewer elements, simpler elements.
pub struct CaseTree<'s, 'a> {
    stream: &'s Stream<'a>,
    current: Case,
    previous: Option<Case>,
    candidates: Vec<Case>,
}

impl ValueTree for CaseTree<'_, '_> {
    type Value = Case;

    fn current(&self) -> Case {
        self.current.clone()
    }

    /// Proposes a simpler case. If `complicate` is not called afterwards, the proposal is accepted, and its own simplifications come next.
    fn simplify(&mut self) -> bool {
        if self.previous.take().is_some() {
            self.candidates.clear();
        }
        if self.candidates.is_empty() {
            self.candidates = self.simplifications();
            self.candidates.reverse();
        }
        match self.candidates.pop() {
            Some(next) => {
                self.previous = Some(std::mem::replace(&mut self.current, next));
                true
            }
            None => false,
        }
    }

    /// Takes the last proposal back and proposes the next one. Returns `false` if there is nothing else to try.
    fn complicate(&mut self) -> bool {
        if let Some(previous) = self.previous.take() {
            self.current = previous;
            // The rest of the list is tried. Cases that did not fail are not proposed again.
            if let Some(next) = self.candidates.pop() {
                self.previous = Some(std::mem::replace(&mut self.current, next));
                return true;
            }
        }
        false
    }
}

impl<'s, 'a> CaseTree<'s, 'a> {
    /// The tree of the case `index` of `stream`.
    pub fn new(stream: &'s Stream<'a>, index: u64) -> CaseTree<'s, 'a> {
        CaseTree { stream, current: stream.case(index), previous: None, candidates: Vec::new() }
    }
}

impl CaseTree<'_, '_> {
    /// Continues from another case that was found to fail.
    pub fn adopt(&mut self, case: Case) {
        self.current = case;
        self.previous = None;
        self.candidates.clear();
    }

    /// The case of the one element of the result at flat index `i`, with operands of rank zero.
    pub fn focus(&self, i: usize) -> Option<Case> {
        let shape = broadcast(self.current.arrays().map(|(array, _)| array.shape.as_slice()))?;
        let mut case = self.current.clone();
        for operand in &mut case.operands {
            if let Operand::Array(array, layout) = &mut operand.value {
                let at = super::shapes::broadcast_indices(&array.shape, &shape);
                *array = Array::from_elements(array.dtype, Vec::new(), [array.get(*at.get(i)?)]);
                *layout = Layout::Contiguous;
            }
        }
        Some(case)
    }

    /// The simpler cases to try, the best first.
    fn simplifications(&self) -> Vec<Case> {
        let mut out = Vec::new();
        let mut propose = |case: Case| {
            if case != self.current && self.is_legal(&case) {
                out.push(case);
            }
        };
        let with = |k: usize, value: Operand| {
            let mut case = self.current.clone();
            case.operands[k].value = value;
            case
        };
        // Contiguous layouts, first of all operands, then one by one.
        let mut plain = self.current.clone();
        for operand in &mut plain.operands {
            if let Operand::Array(_, layout) = &mut operand.value {
                *layout = Layout::Contiguous;
            }
        }
        propose(plain);
        for (k, operand) in self.current.operands.iter().enumerate() {
            if let Operand::Array(array, layout) = &operand.value
                && *layout != Layout::Contiguous
            {
                propose(with(k, Operand::Array(array.clone(), Layout::Contiguous)));
            }
            if self.stream.function.operands[k].optional && operand.value != Operand::Absent {
                propose(with(k, Operand::Absent));
            }
        }
        // Fewer elements: each half of the result, then each single element.
        if let Some(shape) = broadcast(self.current.arrays().map(|(array, _)| array.shape.as_slice())) {
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
        for (k, operand) in self.current.operands.iter().enumerate() {
            match &operand.value {
                Operand::Array(array, layout) if array.len() <= 4 => {
                    for i in 0..array.len() {
                        for element in simpler(array.get(i)) {
                            let elements = array.elements().enumerate().map(|(j, e)| if i == j { element } else { e });
                            let simplified = Array::from_elements(array.dtype, array.shape.clone(), elements);
                            propose(with(k, Operand::Array(simplified, *layout)));
                        }
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// The case of a range of the flattened result. All its arrays have rank 1.
    fn flattened(&self, shape: &[usize], range: std::ops::Range<usize>) -> Case {
        let mut case = self.current.clone();
        for operand in &mut case.operands {
            if let Operand::Array(array, layout) = &mut operand.value {
                let at = super::shapes::broadcast_indices(&array.shape, shape);
                let elements: Vec<_> = range.clone().map(|i| array.get(at[i])).collect();
                *array = Array::from_elements(array.dtype, vec![range.len()], elements);
                if *layout == Layout::Broadcast || !layout.fits(&array.shape) {
                    *layout = Layout::Contiguous;
                }
            }
        }
        case
    }

    /// Whether the case still has an element that the special case is about, if the stream is that of a special case.
    fn keeps_witness(&self, case: &Case) -> bool {
        let StreamKind::Special(rule) = self.stream.kind else { return true };
        let (spec, function) = (self.stream.spec(), self.stream.function);
        let shape = broadcast(case.arrays().map(|(array, _)| array.shape.as_slice()));
        let (Some(common), Some(shape)) = (case.common_dtype(spec), shape) else { return false };
        let pairing = case.pairing(common, &shape);
        (0..shape.iter().product()).any(|i| rule.claim(spec, function, common, &pairing.arguments(i)).is_some())
    }

    /// Whether the standard defines the result of the call. Simplified elements may lie outside the domain.
    fn is_legal(&self, case: &Case) -> bool {
        let mut defined = case.clone();
        defined.replace_lost(self.stream.losses());
        defined.make_defined(self.stream.spec(), self.stream.function);
        defined == *case && case.dtypes().next().is_some() && self.keeps_witness(case)
    }
}
