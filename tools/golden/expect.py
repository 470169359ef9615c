"""Computes the expected values of a saved checkpoint, and checks stored ones."""
import hashlib
import json
import os
import shutil

import torch
import transformers
from safetensors.torch import load_file, save_file

from build import load_checkpoint, save_checkpoint, write_json
from case import DTYPE_NAMES

PROMPT = 8            # ids that the greedy continuation starts from
NEW = 24              # ids in the continuation
MIN_MARGIN = 0.02     # smallest accepted distance between the best and the second logit on the greedy path
BIG_STEP = 16         # of a big vocabulary every so many of the last logits are stored
FP16_MARGIN = 3.0     # ... and in multiples of what float16 changes


def full_pass(model, ids, hidden=False):
    with torch.no_grad():
        return model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False, output_hidden_states=hidden)


def hidden_states(model, ids, case, states):
    """The states of the first sequence, [layers + 1, T, D]. `last_layer` names what gives the last one instead."""
    states = [h[0].float() for h in states]
    if case.last_layer:
        seen = []
        hook = model.get_submodule(case.last_layer).register_forward_hook(lambda m, a, out: seen.append(out))
        full_pass(model, ids)
        hook.remove()
        last = seen[0][0] if isinstance(seen[0], tuple) else seen[0]
        states[-1] = last[0].float()
    return torch.stack(states)


def greedy(model, prompts):
    """Cached generation. Returns (new ids [B, NEW], distance between the best two logits [B, NEW])."""
    gc = transformers.GenerationConfig(do_sample=False, max_new_tokens=NEW, use_cache=True, eos_token_id=None,
                                       pad_token_id=0, bos_token_id=1, return_dict_in_generate=True,
                                       output_logits=True)
    model.generation_config = gc
    with torch.no_grad():
        out = model.generate(prompts, attention_mask=torch.ones_like(prompts), generation_config=gc)
    new = out.sequences[:, prompts.shape[1]:]
    assert new.shape[1] == NEW, new.shape
    margins = []
    for step in out.logits:
        top = step.float().topk(2, dim=-1).values
        margins.append(top[:, 0] - top[:, 1])
    return new, torch.stack(margins, 1)


def recomputed_greedy(model, prompts, new):
    """The same continuation from a full pass without a cache: (all equal?, margins)."""
    seq = torch.cat([prompts, new], 1)
    logits = full_pass(model, seq).logits[:, prompts.shape[1] - 1:-1].float()
    top = logits.topk(2, dim=-1)
    return bool((top.indices[..., 0] == new).all()), top.values[..., 0] - top.values[..., 1]


def candidate_ids(case, vocab):
    g = torch.Generator().manual_seed(case.seed * 7919 + 1)
    ids = torch.randint(0, vocab, (case.candidates, case.T), generator=g)
    ids[:, PROMPT] = vocab - 1
    ids[:, PROMPT + 1] = 0
    for i, x in enumerate(case.extra_ids):
        ids[:, (1 + i) if i < 3 else (PROMPT + i)] = x
    return ids


def pick_rows(new, margins, std):
    """Two prompts whose paths are clear (margin) and not a mere repetition (distinct ids)."""
    low = margins.min(1).values
    distinct = torch.tensor([len(set(r.tolist())) for r in new])
    for need in (14, 10, 7, 5, 3, 1):
        ok = [i for i in range(len(low)) if distinct[i] >= need and low[i] > max(0.06, 0.03 * std)]
        if len(ok) >= 2:
            break
    else:
        ok = list(range(len(low)))
    ok.sort(key=lambda i: -float(low[i]))
    first, mine = ok[0], set(new[ok[0]].tolist())
    other = [i for i in ok[1:] if len(mine & set(new[i].tolist())) * 2 < len(mine)]
    return [first, (other or ok[1:])[0]]


def sha256(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def changed_by(case, path, ids, logits):
    """How much each configuration change of `matters` moves the logits."""
    moved = {}
    for key, value in case.matters.items():
        other = full_pass(load_checkpoint(case, path, **{key: value}), ids).logits.float()
        moved[key] = float((other - logits).abs().max())
    return moved


def choose(case, model):
    """Two prompts and their greedy continuations: (input ids [2, T], new ids [2, NEW], smallest margin)."""
    cand = candidate_ids(case, model.get_input_embeddings().weight.shape[0])
    new, margins = greedy(model, cand[:, :PROMPT])
    ids = cand[pick_rows(new, margins, float(full_pass(model, cand[:1]).logits.std()))]
    new, margins = greedy(model, ids[:, :PROMPT])
    same, full_margins = recomputed_greedy(model, ids[:, :PROMPT], new)
    if not same:
        raise RuntimeError("cached and uncached greedy differ")
    return ids, new, float(torch.minimum(margins, full_margins).min())


def observe(case, path, model, ids, logits):
    """What other arithmetic changes: float16 and another attention kernel."""
    half = full_pass(load_checkpoint(case, path, torch.float16), ids).logits.float()
    seen = dict(fp16_max_abs_diff=float((half - logits).abs().max()), sdpa_max_abs_diff=None)
    if case.attn == "eager" and model._supports_sdpa and not getattr(model.config, "attn_logit_softcapping", None):
        sdpa = full_pass(load_checkpoint(case, path, attn="sdpa"), ids).logits.float()
        seen["sdpa_max_abs_diff"] = float((sdpa - logits).abs().max())
    return seen


def after_final_norm(model, ids, last):
    base = model.base_model if model.base_model is not model else model.model
    with torch.no_grad():
        out = base(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False).last_hidden_state
    return bool(torch.equal(last, out[0].float()))


def make_case(case, out):
    """Write one folder: the checkpoint, expected.safetensors, expected.json. It appears when it is complete."""
    final = os.path.join(out, case.name)
    work = final + ".new"
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    try:
        line = fill_folder(case, work)
        shutil.rmtree(final, ignore_errors=True)
        os.rename(work, final)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    size = sum(os.path.getsize(os.path.join(final, f)) for f in os.listdir(final))
    print(f"{case.name:20s} {size / 1000:5.0f} kB  {line}", flush=True)


def fill_folder(case, path):
    """Write every file of a case and return a line about it."""
    save_checkpoint(case, path)
    model = load_checkpoint(case, path)
    ids, new, low = choose(case, model)
    o = full_pass(model, ids, hidden=True)
    logits = o.logits.float()
    hs = hidden_states(model, ids, case, o.hidden_states)
    std, largest = float(logits.std()), float(logits.abs().max())
    if not (torch.isfinite(logits).all() and torch.isfinite(hs).all() and 0.5 <= std <= 10):
        raise RuntimeError(f"logits look wrong, std {std}")
    if case.check:
        case.check(model, ids, logits)
    seen = observe(case, path, model, ids, logits)
    fp16_err = seen["fp16_max_abs_diff"]
    if low <= max(MIN_MARGIN, FP16_MARGIN * fp16_err):
        raise RuntimeError(f"greedy margin {low} too small, float16 changes {fp16_err}")
    f16_atol = float(f"{max(0.01, 4 * fp16_err):.2g}")
    if case.matters:
        moved = changed_by(case, path, ids, logits)
        seen["logits_moved_by"] = {f"{k} = {json.dumps(case.matters[k])}": round(v, 4) for k, v in moved.items()}
        hidden = {k: v for k, v in moved.items() if not v > f16_atol + 0.01 * largest}
        if hidden:
            raise RuntimeError(f"the float16 tolerance hides {hidden}")

    tensors = dict(input_ids=ids.to(torch.int32), hidden_states=hs.contiguous(),
                   greedy=new.to(torch.int32).contiguous())
    if case.big:
        tensors["logits_last"] = logits[:1, -1, ::BIG_STEP].contiguous()
        tensors["argmax"] = logits.argmax(-1).to(torch.int32)
    else:
        tensors["logits"] = logits.contiguous()
    save_file(tensors, os.path.join(path, "expected.safetensors"))
    meta = dict(
        case=case.name, family=case.family, notes=case.notes, seed=case.seed,
        command=f"python make.py --out DIR --cases {case.name}",
        versions=dict(torch=torch.__version__.split("+")[0], transformers=transformers.__version__),
        weights_dtype=DTYPE_NAMES[case.dtype],
        expected={k: [str(v.dtype).split(".")[-1], list(v.shape)] for k, v in tensors.items()},
        layers=hs.shape[0] - 1, prompt_length=PROMPT,
        hidden_states_last_is_after_final_norm=after_final_norm(model, ids, hs[-1]),
        greedy_min_margin=round(low, 5), greedy_distinct=[len(set(r.tolist())) for r in new],
        logits_std=round(std, 4), logits_max_abs=round(largest, 4), hidden_max_abs=round(float(hs.abs().max()), 4),
        observed=seen,
        tolerance=dict(f32=dict(atol=float(f"{max(2e-4, 1e-4 * std):.2g}"), rtol=1e-4),
                       f16=dict(atol=f16_atol, rtol=0.01)),
        sha256={f: sha256(os.path.join(path, f)) for f in sorted(os.listdir(path))},
    )
    if case.context:
        meta["context"] = case.context
    write_json(os.path.join(path, "expected.json"), meta)
    for f in os.listdir(path):
        os.chmod(os.path.join(path, f), 0o644)
    return (f"margin {low:.3f}  distinct {meta['greedy_distinct']}  std {std:.2f}  hid {meta['hidden_max_abs']:.1f}  "
            f"fp16 {fp16_err:.4f}  sdpa {seen['sdpa_max_abs_diff']}  {seen.get('logits_moved_by', '')}")


def verify_case(case, out):
    """Compare the files of a case with their checksums, and the stored values with a new computation."""
    path = os.path.join(out, case.name)
    meta = json.load(open(os.path.join(path, "expected.json")))
    bad = [f for f, h in meta["sha256"].items() if sha256(os.path.join(path, f)) != h]
    exp = load_file(os.path.join(path, "expected.safetensors"))
    model = load_checkpoint(case, path)
    ids = exp["input_ids"].long()
    o = full_pass(model, ids, hidden=True)
    logits = o.logits.float()
    if case.big:
        err = float((logits[:1, -1, ::BIG_STEP] - exp["logits_last"]).abs().max())
        bad += [] if torch.equal(logits.argmax(-1).int(), exp["argmax"]) else ["argmax"]
    else:
        err = float((logits - exp["logits"]).abs().max())
    herr = float((hidden_states(model, ids, case, o.hidden_states) - exp["hidden_states"]).abs().max())
    same, _ = recomputed_greedy(model, ids[:, :PROMPT], exp["greedy"].long())
    if case.check:
        case.check(model, ids, logits)
    constant = []
    for f in sorted(os.listdir(path)):
        if f.endswith(".safetensors") and f != "expected.safetensors":
            for n, t in load_file(os.path.join(path, f)).items():
                if t.is_floating_point() and t.numel() > 1 and not float(t.float().std()) > 0:    # or not finite
                    constant.append(n)
    ok = not bad and err <= 1e-5 and herr <= 1e-5 and same and not constant
    print(f"{'ok  ' if ok else 'BAD '} {case.name:20s} logits {err:.1e} hidden {herr:.1e} greedy {same} "
          f"{'changed: ' + str(bad) if bad else ''}{'constant: ' + str(constant) if constant else ''}", flush=True)
    return ok
