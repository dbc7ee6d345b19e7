//! What the host has answered in one turn: so that the same read goes to the bank once, every answer is recorded, and an action's
//! claims can be checked.
//!
//! Lives as long as the turn.

use std::any::Any;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Moment};

use serde::Serialize;

use crate::call::Failure;
use crate::call::json::Json;
use crate::call::record::HostCall;

/// One turn's memory of host calls.
#[derive(Debug, Default)]
pub(super) struct Memory {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    answered: Vec<Answered>,
    fresh: Vec<HostCall>,
    waited: Duration,
}

/// One answer, as it is recorded and as the `Result` that it was.
#[derive(Debug)]
struct Answered {
    call: HostCall,
    answer: Box<dyn Any + Send>,
}

impl Memory {
    /// Answers a read from memory, or asks and remembers.
    pub(super) async fn read<T: Serialize + Clone + Send + 'static>(
        &self,
        function: &str,
        arguments: &impl Serialize,
        ask: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let arguments = Json::of(arguments);
        if let Some(answer) = self.lock().recall(function, &arguments) {
            return answer;
        }
        let began = Moment::now();
        let answer = ask.await;
        let waited = began.elapsed();
        self.lock().keep(function, arguments, &answer, waited);
        answer
    }

    /// Asks always, and records; what is asked says itself how long it waited for the bank.
    pub(super) async fn write<T: Serialize + Clone + Send + 'static>(
        &self,
        function: &str,
        arguments: &impl Serialize,
        ask: impl Future<Output = (Result<T, Failure>, Duration)>,
    ) -> Result<T, Failure> {
        let (answer, waited) = ask.await;
        let arguments = Json::of(arguments);
        self.lock().keep(function, arguments, &answer, waited);
        answer
    }

    /// An earlier answer of this turn.
    pub(super) fn remembered<T: Clone + 'static>(
        &self,
        function: &str,
        arguments: &impl Serialize,
    ) -> Option<Result<T, Failure>> {
        let inner = self.lock();
        let answered = inner.find(function, &Json::of(arguments))?;
        answered.answer.downcast_ref().cloned()
    }

    /// Whether this very value was answered in this turn.
    pub(super) fn has_answered<T: PartialEq + 'static>(&self, value: &T) -> bool {
        let is_it = |answered: &Answered| match answered.answer.downcast_ref() {
            Some(Ok::<T, Failure>(answer)) => answer == value,
            _ => false,
        };
        self.lock().answered.iter().any(is_it)
    }

    /// The host calls since the last time.
    pub(super) fn take(&self) -> Vec<HostCall> {
        std::mem::take(&mut self.lock().fresh)
    }

    /// Time spent waiting for answers.
    pub(super) fn waited(&self) -> Duration {
        self.lock().waited
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn keep<T: Serialize + Clone + Send + 'static>(
        &mut self,
        function: &str,
        arguments: Json,
        answer: &Result<T, Failure>,
        waited: Duration,
    ) {
        let call = HostCall {
            function: function.to_owned(),
            arguments,
            answer: Json::of(answer),
            micros: u64::try_from(waited.as_micros()).unwrap_or(u64::MAX),
            from_memory: false,
        };
        self.waited += waited;
        self.fresh.push(call.clone());
        self.answered.push(Answered {
            call,
            answer: Box::new(answer.clone()),
        });
    }

    /// Recorded once for each stage: what it asked twice has the same answer.
    fn recall<T: Clone + 'static>(
        &mut self,
        function: &str,
        arguments: &Json,
    ) -> Option<Result<T, Failure>> {
        let answered = self.find(function, arguments)?;
        let answer = answered.answer.downcast_ref().cloned()?;
        let is_recorded = self.fresh.iter().any(|it| it.asks(function, arguments));
        if !is_recorded {
            let call = HostCall {
                micros: 0,
                from_memory: true,
                ..answered.call.clone()
            };
            self.fresh.push(call);
        }
        Some(answer)
    }

    /// The last answer to it.
    fn find(&self, function: &str, arguments: &Json) -> Option<&Answered> {
        let mut answered = self.answered.iter().rev();
        answered.find(|it| it.call.asks(function, arguments))
    }
}
