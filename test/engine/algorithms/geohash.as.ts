import { Geohash } from "../../../assembly/algorithms/geohash";
import { GeoSearch } from "../../../assembly/algorithms/geo-search";
export { arena } from "./arena.as";

export function encode(longitude: f64, latitude: f64): u64 {
  return Geohash.encode(longitude, latitude);
}
export function decode(bits: u64): void {
  Geohash.decode(bits);
}
export function longitude(): f64 {
  return Geohash.longitude;
}
export function latitude(): f64 {
  return Geohash.latitude;
}
export function isOnMap(longitude: f64, latitude: f64): bool {
  return Geohash.isOnMap(longitude, latitude);
}
export function ofScore(score: f64): u64 {
  return Geohash.ofScore(score);
}
export function distance(longitude1: f64, latitude1: f64, longitude2: f64, latitude2: f64): f64 {
  return Geohash.distance(longitude1, latitude1, longitude2, latitude2);
}
export function format(bits: u64, dst: usize): void {
  Geohash.format(bits, dst);
}
export function formatDistance(distance: f64, dst: usize): u32 {
  return Geohash.formatDistance(distance, dst);
}
export function circle(longitude: f64, latitude: f64, radius: f64, unit: f64): u32 {
  GeoSearch.circle(longitude, latitude, radius, unit);
  return GeoSearch.count;
}
export function box(longitude: f64, latitude: f64, width: f64, height: f64, unit: f64): u32 {
  GeoSearch.box(longitude, latitude, width, height, unit);
  return GeoSearch.count;
}
export function from(index: u32): f64 {
  return GeoSearch.from(index);
}
export function upTo(index: u32): f64 {
  return GeoSearch.upTo(index);
}
export function has(longitude: f64, latitude: f64): bool {
  return GeoSearch.has(longitude, latitude);
}
export function found(): f64 {
  return GeoSearch.distance;
}
