#!/bin/sh
# Draws the passwords and the first key of compose.yaml, each into a file of its own. What is there stays. As root: the
# files are root's, and readable for the group of the container's account alone.
set -eu
umask 077
cd "$(dirname "$0")"
IX=10001 POSTGRES=999
mkdir -p secrets

drawn() { # of so many bytes, in URL-safe base64
    head -c "$1" /dev/urandom | base64 -w 0 | tr '+/' '-_' | tr -d =
}

keep() { # NAME GROUP VALUE, once
    [ -e "secrets/$1" ] || printf '%s' "$3" >"secrets/$1"
    chown "0:$2" "secrets/$1"
    chmod 0440 "secrets/$1"
}

keep postgres_password "$POSTGRES" "$(drawn 24)"
for account in owner web engine; do
    keep "${account}_password" "$POSTGRES" "$(drawn 24)"
    keep "${account}_url" "$IX" "postgres://$account:$(cat "secrets/${account}_password")@postgres/ix"
done
keep bootstrap_key "$IX" "ix_$(head -c 6 /dev/urandom | od -An -tx1 | tr -d ' \n')_$(drawn 32)"
echo "in $(pwd)/secrets; the first key is an admin's: sudo cat $(pwd)/secrets/bootstrap_key"
