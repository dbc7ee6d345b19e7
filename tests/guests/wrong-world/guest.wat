;; Phase decide, contract: speaks a version of the contract that this host does not know; the host refuses to start, and names what
;; is missing and what was found instead.
(module
  (memory (export "memory") 1)
  (func (export "bank:voice/policy@0.9.0#decide") (result i32) (i32.const 1)))
