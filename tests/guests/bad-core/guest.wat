;; Phase route, contract: where a misdeed is asked for, the stage fails and the intent is `unknown`, so the caller hears the help
;; sentence; in every other turn this router passes. Written by hand, because no compiler would let it lie to the host so.
;;
;; Misdeeds: `table_bomb`, `gc_bomb`, `text_beyond_memory`, `list_beyond_memory`, `one_text_a_million_times`, `not_utf8`,
;; `unknown_case`, `crooked_pointer`, `answers_and_loops`.
;;
;; A misdeed is asked for by `bad-core:MISDEED` anywhere in the turn's texts, which the host writes from $heap on; its first
;; eight letters tell it from the others.
(module
  (type $bytes (array (mut i8)))
  (memory (export "memory") 32)
  (table $table 0 funcref)
  (global $heap i32 (i32.const 8192))
  (global $free (mut i32) (i32.const 8192))
  (global $fault (mut i32) (i32.const -1))

  ;; What it says of itself: five pairs of where and how long.
  (data (i32.const 0) "bad-core0.1.0Phase route: lies about its memory{}")
  (data (i32.const 512)
    "\00\00\00\00\08\00\00\00"
    "\08\00\00\00\05\00\00\00"
    "\0d\00\00\00\22\00\00\00"
    "\00\00\00\00\00\00\00\00"
    "\2f\00\00\00\02\00\00\00")
  ;; Eight letters of each misdeed, in the order in which $commit takes them.
  (data (i32.const 1024)
    "table_bogc_bomb\22text_beylist_beyone_textnot_utf8unknown_crooked_answers_")

  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func (export "bank:voice/plugin@0.1.0#describe") (result i32)
    (i32.const 512))

  (func (export "bank:voice/plugin@0.1.0#check-settings") (param i32 i32) (result i32)
    (i32.const 536))

  ;; The number of the misdeed that this turn asks for, or -1.
  (func $asked (result i32)
    (local $at i32)
    (local $number i32)
    (local.set $at (global.get $heap))
    (loop $next
      (if (i64.eq (i64.load (local.get $at)) (i64.load (i32.const 0)))
        (then
          (local.set $number (i32.const 0))
          (loop $name
            (if (i64.eq
                  (i64.load offset=9 (local.get $at))
                  (i64.load offset=1024 (i32.mul (local.get $number) (i32.const 8))))
              (then (return (local.get $number))))
            (local.set $number (i32.add (local.get $number) (i32.const 1)))
            (br_if $name (i32.lt_u (local.get $number) (i32.const 9))))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (global.get $free))))
    (i32.const -1))

  ;; Answers stand at 2048. The case `pass` first; an intent has its own case at 8 and what belongs to it from 16 on.
  (func $pass (result i32)
    (i32.store8 (i32.const 2048) (i32.const 2))
    (i32.const 2048))

  ;; Intent `balance` of an account whose id is said to be there.
  (func $balance (param $at i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 2048) (i32.const 0))
    (i32.store8 (i32.const 2056) (i32.const 0))
    (i32.store (i32.const 2064) (local.get $at))
    (i32.store (i32.const 2068) (local.get $length))
    (i32.const 2048))

  ;; Intent `custom` named "bad-core" with slots that are said to be there.
  (func $custom (param $at i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 2048) (i32.const 0))
    (i32.store8 (i32.const 2056) (i32.const 15))
    (i32.store (i32.const 2064) (i32.const 0))
    (i32.store (i32.const 2068) (i32.const 8))
    (i32.store (i32.const 2072) (local.get $at))
    (i32.store (i32.const 2076) (local.get $length))
    (i32.const 2048))

  ;; Nearly a million pairs of texts, each of them the same thousand bytes: 14 MB that would be 1.8 GB on the other side.
  (func $million (result i32)
    (local $at i32)
    (local $done i32)
    (local.set $at (i32.mul (memory.grow (i32.const 220)) (i32.const 65536)))
    (i32.store offset=4 (local.get $at) (i32.const 1000))
    (i32.store offset=12 (local.get $at) (i32.const 1000))
    (local.set $done (i32.const 16))
    (loop $double
      (memory.copy
        (i32.add (local.get $at) (local.get $done))
        (local.get $at)
        (select
          (local.get $done)
          (i32.sub (i32.const 14400000) (local.get $done))
          (i32.lt_u (local.get $done) (i32.const 7200000))))
      (local.set $done (i32.mul (local.get $done) (i32.const 2)))
      (br_if $double (i32.lt_u (local.get $done) (i32.const 14400000))))
    (call $custom (local.get $at) (i32.const 900000)))

  (func $commit (param $fault i32) (result i32)
    (block $answers (block $crooked (block $unknown (block $not_utf8 (block $one_text (block $list (block $text
      (block $gc (block $table
        (br_table $table $gc $text $list $one_text $not_utf8 $unknown $crooked $answers (local.get $fault)))
      ;; table_bomb
      (loop $more
        (br_if $more (i32.ne (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1))))
      (unreachable))
      ;; gc_bomb
      (loop $more
        (drop (array.new_default $bytes (i32.const 1000000)))
        (br $more))
      (unreachable))
      ;; text_beyond_memory
      (return (call $balance (i32.const 0xfffffff0) (i32.const 100))))
      ;; list_beyond_memory
      (return (call $custom (i32.const 4096) (i32.const 0x0fffffff))))
      ;; one_text_a_million_times
      (return (call $million)))
      ;; not_utf8
      (i64.store (i32.const 4096) (i64.const -1))
      (return (call $balance (i32.const 4096) (i32.const 8))))
      ;; unknown_case
      (i32.store8 (i32.const 2048) (i32.const 200))
      (return (i32.const 2048)))
      ;; crooked_pointer
      (return (i32.const 2049)))
    ;; answers_and_loops
    (call $pass))

  (func (export "bank:voice/routing@0.1.0#route") (param $turn i32) (result i32)
    (global.set $fault (call $asked))
    (if (result i32) (i32.eq (global.get $fault) (i32.const -1))
      (then (call $pass))
      (else (call $commit (global.get $fault)))))

  ;; Called after the answer was read.
  (func (export "cabi_post_bank:voice/routing@0.1.0#route") (param i32)
    (if (i32.eq (global.get $fault) (i32.const 8))
      (then (loop $ever (br $ever))))))
