/** Rules of `scripts/provision.ts`, against a machine that is only pretended. */
import { describe, expect, it } from 'vitest';
import { type Machine, REQUIREMENTS, type Requirement, ensure } from '../scripts/provision.ts';

const nginx: Requirement = { program: 'nginx', debianPackage: 'nginx-light' };
const redis: Requirement = { program: 'redis-server', debianPackage: 'redis-server' };
const go: Requirement = { program: 'go', debianPackage: undefined, hint: 'install Go 1.25 or later' };

/** A machine with some programs, on which installing a package brings the program of the same requirement. */
function machine(present: string[], { root = true, broken = false } = {}) {
  const installs: string[][] = [];
  const fake: Machine = {
    has: (program) => present.includes(program),
    mayInstall: () => root,
    install(packages) {
      installs.push([...packages]);
      if (broken) return 'apt-get install failed: no network';
      for (const { program, debianPackage } of [nginx, redis]) {
        if (debianPackage !== undefined && packages.includes(debianPackage)) present.push(program);
      }
      return undefined;
    },
  };
  return { fake, installs };
}

describe('provisioning', () => {
  it('installs nothing when every program is there', () => {
    const { fake, installs } = machine(['nginx', 'redis-server']);
    ensure([nginx, redis], fake);
    expect(installs).toEqual([]);
  });

  it('installs all that is missing in one go, and only that', () => {
    const { fake, installs } = machine(['nginx']);
    ensure([nginx, redis, redis], fake);
    expect(installs).toEqual([['redis-server']]);
  });

  it('names the package where it may not install', () => {
    const { fake, installs } = machine([], { root: false });
    expect(() => ensure([nginx], fake)).toThrow(/nginx: apt-get install nginx-light/u);
    expect(installs).toEqual([]);
  });

  it('says what to do where Debian has no fitting package', () => {
    const { fake, installs } = machine([]);
    expect(() => ensure([go], fake)).toThrow(/go: install Go 1\.25 or later/u);
    expect(installs).toEqual([]);
  });

  it('reports why an installation failed', () => {
    const { fake } = machine([], { broken: true });
    expect(() => ensure([nginx], fake)).toThrow(/no network/u);
  });

  it.each(Object.entries(REQUIREMENTS))('has a package or a hint for all that %s needs', (_purpose, requirements) => {
    for (const requirement of requirements as readonly Requirement[]) {
      expect(requirement.debianPackage ?? requirement.hint, requirement.program).toBeTypeOf('string');
    }
  });
});
