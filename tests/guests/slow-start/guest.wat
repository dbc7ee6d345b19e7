;; Phase route, contract: its start function never ends, so it cannot even be asked what it is; the host refuses to start, names it
;; and the deadline, whatever its stage is granted.
(module
  (memory (export "memory") 1)
  (func $start (loop $ever (br $ever)))
  (start $start)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "bank:voice/plugin@0.1.0#describe") (result i32) (i32.const 0))
  (func (export "bank:voice/plugin@0.1.0#check-settings") (param i32 i32) (result i32) (i32.const 0))
  (func (export "bank:voice/routing@0.1.0#route") (param i32) (result i32) (i32.const 0)))
