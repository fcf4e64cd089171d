//! Cases that end a call chain.

use array_assay_interface::Array;
use array_assay_spec::OperatorForm;

use super::call::Call;
use super::calls::{CallStream, Case};
use super::case::Operand;
use super::chain::{CallChain, CallChains};
use super::id::Sort;
use super::shapes::broadcast;
use super::stream::Stream;
use super::values::{Random, element, seed_for};

impl<'a> Stream<'a> {
    /// A case that takes its first operand, and perhaps its second, from a call chain. `None` if none was found.
    pub fn chained(&self, chains: &CallChains<'_>, index: u64) -> Option<(Call<'a>, CallChain)> {
        if self.sort != Sort::Plain || self.uniform == 0 {
            return None;
        }
        let combination = self.combination_of(Sort::Chained.nth(index));
        let (dtype, seed) = (self.combinations[combination].common, self.budget.seed);
        let mut chain = chains.draw(seed, &self.name, index, dtype)?;
        let mut random = Random::new(seed_for(seed, &format!("{}::composed", self.name), index));
        let first = chain.result().clone();
        let mut taken = vec![first.clone()];
        let in_place = self.function.is_operator(OperatorForm::InPlace);
        if self.function.operands.len() > 1 {
            let joins = |shape: Option<Vec<usize>>| shape.is_some_and(|shape| !in_place || shape == first.shape);
            let fits = |other: &Array| other.dtype == dtype && joins(broadcast([&first.shape[..], &other.shape[..]]));
            taken.extend(chain.also_take(&mut random, fits));
        }
        let fresh =
            |random: &mut Random| Array::from_elements(dtype, first.shape.clone(), (0..first.len()).map(|_| element(random, dtype)));
        let operands = (0..self.function.operands.len()).map(|k| taken.get(k).cloned().unwrap_or_else(|| fresh(&mut random)));
        let mut case = Call::of_operands(self.function, operands.map(Operand::array).collect::<Vec<_>>());
        case.replace_lost_operands(&self.profile.losses);
        case.make_defined(self.spec, self.function);
        // The arrays of the chain cannot be replaced.
        let kept = case.laid().zip(&taken).all(|((array, _), taken)| array == taken);
        let chain = if in_place { chain.copied() } else { chain };
        kept.then_some((case, chain))
    }
}

impl<'a> CallStream<'a> {
    /// A case that takes its first array from a call chain. `None` if none was found.
    pub fn chained(&self, chains: &CallChains<'_>, seed: u64, index: u64) -> Option<(Case<'a>, CallChain)> {
        if self.may_refuse_views() {
            return None;
        }
        let dtype = *self.combinations[self.combination_of(index)].dtypes.first()?;
        let chain = chains.draw(seed, &self.name, index, dtype)?;
        let mut random = Random::new(seed_for(seed, &format!("{}::composed", self.name), index));
        let case = self.on(chain.result(), &mut random)?;
        // A function that writes to its argument gets a copy, so that it changes no array of the chain.
        let chain = if self.function.result.mutates.is_some() { chain.copied() } else { chain };
        Some((case, chain))
    }
}
