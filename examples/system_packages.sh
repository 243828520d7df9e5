#!/usr/bin/env bash
# Installs the system packages that Reading Room works with, where they are missing.
set -euo pipefail
declare -A program=( [orthanc]=Orthanc [dcmtk]=findscu [dicom3tools]=dciodvfy )
# Packages that the caller knows to be missing may be named as arguments.
missing=("$@")
for package in orthanc dcmtk dicom3tools; do
    command -v "${program[$package]}" >/dev/null || [ -x "/usr/sbin/${program[$package]}" ] || missing+=("$package")
done
for plugin in OrthancDicomWeb OrthancGdcm ModalityWorklists; do
    if [ ! -e "/usr/share/orthanc/plugins/lib$plugin.so" ]; then
        case $plugin in
            OrthancDicomWeb) missing+=(orthanc-dicomweb) ;;
            OrthancGdcm) missing+=(orthanc-gdcm) ;;
            *) missing+=(orthanc) ;;
        esac
    fi
done
[ ${#missing[@]} -eq 0 ] && exit 0
missing=($(printf '%s\n' "${missing[@]}" | sort -u))
echo "Missing system packages: ${missing[*]}" >&2
if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get here: install Orthanc with its DICOMweb, GDCM and work list plugins, DCMTK and dicom3tools by hand." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Installing them needs root: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "Installing them with apt-get…" >&2
export DEBIAN_FRONTEND=noninteractive
# Without an init system Debian's orthanc package tries to start its own service: not wanted.
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
