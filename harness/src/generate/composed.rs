//! Cases behind other calls.

use array_assay_interface::Array;
use array_assay_spec::OperatorForm;

use super::calls::{CallCase, CallStream};
use super::case::{ArgForm, Case, Operand, OperandCase};
use super::layout::Layout;
use super::prelude::{Prelude, Preludes};
use super::shapes::broadcast;
use super::stream::{Stream, StreamKind};
use super::values::{Random, element, seed_for};

impl Stream<'_> {
    /// A case behind other calls, which give its first operand and perhaps its second, and the combination of its dtypes; `None` where
    /// none was found.
    pub fn composed(&self, preludes: &Preludes<'_>, seed: u64, index: u64) -> Option<(Case, Prelude, usize)> {
        if self.kind != StreamKind::Function || self.uniform == 0 {
            return None;
        }
        let combination = (index % self.uniform as u64) as usize;
        let dtype = self.combinations[combination].common;
        let mut prelude = preludes.draw(seed, &self.name, index, dtype)?;
        let mut random = Random::new(seed_for(seed, &format!("{}::composed", self.name), index));
        let first = prelude.result().clone();
        let mut taken = vec![first.clone()];
        let in_place = self.function.is_operator(OperatorForm::InPlace);
        if self.function.operands.len() > 1 {
            let joins = |shape: Option<Vec<usize>>| shape.is_some_and(|shape| !in_place || shape == first.shape);
            let fits = |other: &Array| other.dtype == dtype && joins(broadcast([&first.shape[..], &other.shape[..]]));
            taken.extend(prelude.also_take(&mut random, fits));
        }
        let fresh =
            |random: &mut Random| Array::from_elements(dtype, first.shape.clone(), (0..first.len()).map(|_| element(random, dtype)));
        let operand = |array| OperandCase { value: Operand::Array(array, Layout::Contiguous), form: ArgForm::Positional };
        let operands = (0..self.function.operands.len()).map(|k| operand(taken.get(k).cloned().unwrap_or_else(|| fresh(&mut random))));
        let mut case = Case { operands: operands.collect(), returns_inputs: false };
        case.replace_lost(&self.pool.losses);
        case.make_defined(self.spec, self.function);
        // What comes out of the prelude cannot be replaced.
        let kept = case.arrays().zip(&taken).all(|((array, _), taken)| array == taken);
        let prelude = if in_place { prelude.copied() } else { prelude };
        kept.then_some((case, prelude, combination))
    }
}

impl<'a> CallStream<'a> {
    /// A case behind other calls, which give its first array; `None` where none was found.
    pub fn composed(&self, preludes: &Preludes<'_>, seed: u64, index: u64) -> Option<(CallCase<'a>, Prelude)> {
        if self.takes_no_views() {
            return None;
        }
        let dtype = *self.combinations[self.combination_of(index)].dtypes.first()?;
        let prelude = preludes.draw(seed, &self.name, index, dtype)?;
        let mut random = Random::new(seed_for(seed, &format!("{}::composed", self.name), index));
        let case = self.on(prelude.result(), &mut random)?;
        // What is written to has to be memory of its own.
        let prelude = if self.function.result.mutates.is_some() { prelude.copied() } else { prelude };
        Some((case, prelude))
    }
}
