#!/bin/sh
# Ingest the sample company into a throw-away home, ask it five questions, explain one.
# Usage: [STORE=local|weaviate] sh data/demo.sh        (`kb` must be on PATH; `make demo` sees to it)
set -eu
cd "$(dirname "$0")/.."

if [ "${STORE:-local}" = weaviate ] && [ -z "${KB_DEMO_INNER:-}" ]; then
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
    python -m tests.servers.weaviate build
    KB_DEMO_INNER=1 python -m tests.servers.weaviate run "$place" -- sh data/demo.sh
    exit $?
fi

KB_HOME=$(mktemp -d)
export KB_HOME
trap 'rm -rf "$KB_HOME"' EXIT
unset KB_MODEL || true # the demo answers without a model

# run WANTED-EXIT-CODE COMMAND...: show a command, run it, and stop if it ends otherwise.
run() {
    wanted=$1
    shift
    printf '\n$ '
    for word in "$@"; do
        case $word in *[!A-Za-z0-9_./-]*) printf '"%s" ' "$word" ;; *) printf '%s ' "$word" ;; esac
    done
    printf '\n'
    code=0
    "$@" || code=$?
    [ "$code" -eq "$wanted" ] || { echo "demo: exit code $code, expected $wanted" >&2; exit 1; }
}

run 5 kb ingest data/samples # 5: two PDFs cannot be read, one is a scan, one is encrypted
run 0 kb ask "My work laptop was stolen on the train. How much time do I have to report it?"
run 0 kb ask "电脑密码不记得了，找谁弄？"
run 0 kb ask "What's the most I can pay for a hotel room in London?"
run 0 kb ask "Pim Oakenshaw 是谁？"
run 1 kb ask "Do we get stock options?" # 1: not in the documents
run 0 kb explain "What's the most I can pay for a hotel room in London?"
