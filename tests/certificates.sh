#!/bin/sh
# SPDX-License-Identifier: MIT
# Certificates for 127.0.0.1 by an authority of the test's own, made in the current folder. Sourced behind tap.sh.
#   authority.pem  whom to trust; NAME.pem and NAME.key  what a server shows; NAME.both.pem  the two in one file

new_key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'

# COMMAND...: silent unless it fails.
quietly()
{
	"$@" > certificates.log 2>&1 && return
	echo "Bail out! $1 $2: $(tail -n 1 certificates.log)"
	exit 1
}

make_authority()
{
	# shellcheck disable=SC2086
	quietly openssl req -x509 $new_key -days 30 -subj "/CN=authority of a jwtwatch test" \
		-keyout authority.key -out authority.pem
	: > issued
	cat > authority.conf << 'END'
[ca]
default_ca = own
[own]
certificate = authority.pem
private_key = authority.key
database = issued
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
END
}

# NAME HOSTS FROM TO: FROM and TO as date understands them: "+3 days".
make_certificate()
{
	# shellcheck disable=SC2086
	quietly openssl req -new $new_key -subj "/CN=jwtwatch test $1" -addext "subjectAltName=$2" \
		-keyout "$1.key" -out "$1.csr"
	quietly openssl ca -config authority.conf -batch -notext -in "$1.csr" -out "$1.pem" \
		-startdate "$(date -u -d "$3" +%Y%m%d%H%M%SZ)" -enddate "$(date -u -d "$4" +%Y%m%d%H%M%SZ)"
	cat "$1.pem" "$1.key" > "$1.both.pem"
}

# NAME HOSTS
make_self_signed()
{
	# shellcheck disable=SC2086
	quietly openssl req -x509 $new_key -days 30 -subj "/CN=jwtwatch test $1" -addext "subjectAltName=$2" \
		-keyout "$1.key" -out "$1.pem"
}

here=IP:127.0.0.1,DNS:localhost
make_authority
make_certificate good $here "-1 day" "+25 days"
make_certificate ended $here "-30 days" "-1 day"
make_certificate elsewhere DNS:voice.example.org "-1 day" "+25 days"
make_certificate ending $here "-1 day" "+3 days"
make_certificate last-hours $here "-1 day" "+12 hours"
make_certificate client DNS:client.example.org "-1 day" "+25 days"
make_self_signed self-signed $here
