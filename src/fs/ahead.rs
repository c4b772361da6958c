//! Calculations looked at before they are asked for: who goes through all of them, in the order of their names, finds the next one ready.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::view::{Dir, Tree, ViewNode, Views};

/// How long a list of calculations is good for finding the next.
const GOOD: Duration = Duration::from_secs(5);

/// Looks ahead.
pub(super) struct Ahead {
    /// To the thread that looks; it takes one at a time, and what comes meanwhile is not looked at.
    wanted: Option<SyncSender<u32>>,
    views: Arc<Views>,
    state: Mutex<Order>,
}

/// The order in which calculations are gone through.
#[derive(Default)]
struct Order {
    /// By name, as of when.
    ids: Vec<u32>,
    as_of: Option<Instant>,
    /// Where in it the last one was that was asked for.
    last: Option<usize>,
}

impl Ahead {
    /// Of these views. Where no thread can be started, nothing is looked at.
    pub fn new(views: &Arc<Views>) -> Self {
        let (wanted, asked) = sync_channel(1);
        // it holds nothing while it waits, so that its end is that of the file system
        let of_thread = Arc::downgrade(views);
        let look = move || {
            for id in asked {
                let Some(views) = of_thread.upgrade() else { return };
                if let Some(calc) = views.calc(id)
                    && let Some(seen) = calc.see()
                    && let Ok(Some(tree)) = seen.tree
                {
                    size_up(&tree, tree.root());
                    if tree.attrs_are_near() {
                        let _ = tree.attrs();
                    }
                }
            }
        };
        let started = std::thread::Builder::new().name("ahead".into()).spawn(look);
        Self { wanted: started.is_ok().then_some(wanted), views: views.clone(), state: Mutex::default() }
    }

    /// A calculation was asked for: if it is the one after the last, the next is looked at.
    pub fn asked_for(&self, id: u32) {
        let Some(wanted) = &self.wanted else { return };
        let mut order = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if order.as_of.is_none_or(|at| at.elapsed() > GOOD) {
            *order = Order::of(self.views.dir().ids().unwrap_or_default().into_iter().collect());
        }
        let at = order.find(id);
        let follows = at.is_some() && at == order.last.map(|last| last + 1);
        order.last = at;
        if let Some(next) = at.filter(|_| follows).and_then(|at| order.ids.get(at + 1)) {
            // one that is not looked at is read when it is asked for
            let _ = wanted.try_send(*next);
        }
    }
}

/// Finds what is in a directory and below, and the sizes that cost next to nothing. What is wrong is told to who asks.
fn size_up(tree: &Tree, dir: &Dir) {
    for found in tree.entries(dir).unwrap_or_default() {
        match &found.node {
            ViewNode::Dir(below) => size_up(tree, below),
            ViewNode::File(file) if file.size_is_near() => drop(file.size()),
            ViewNode::File(_) | ViewNode::Link(_) => {}
        }
    }
}

impl Order {
    fn of(mut ids: Vec<u32>) -> Self {
        ids.sort_by_cached_key(u32::to_string);
        Self { ids, as_of: Some(Instant::now()), last: None }
    }

    fn find(&self, id: u32) -> Option<usize> {
        let name = id.to_string();
        self.ids.binary_search_by(|other| other.to_string().cmp(&name)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_names() {
        let order = Order::of(vec![1, 2, 9, 10, 11, 100]);
        assert_eq!(order.ids, [1, 10, 100, 11, 2, 9]);
        assert_eq!((order.find(100), order.find(9), order.find(3)), (Some(2), Some(5), None));
    }
}
